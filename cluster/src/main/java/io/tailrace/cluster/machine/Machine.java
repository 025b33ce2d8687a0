// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.machine;

import java.util.List;

/**
 * A state machine: what decides, apart from what does.
 *
 * <p>A machine does no I/O, reads no clock, draws no randomness, logs nothing, starts no thread and keeps no callback. Completions and
 * failures of the I/O it asked for come back to it as events. A host on one Vert.x context feeds it events and carries out its effects.
 *
 * <p><b>Ordering law.</b> The host carries out the effects of a step in list order, and finishes them before the next step. An effect that
 * promises durability to somebody is returned only by the step that learned of the durability, never by the step that asked for it.
 *
 * <p><b>Threading.</b> Owned by one thread (or one simulated one); not safe for use by two.
 *
 * @param <E> the sealed family of events: requests as nouns, facts in the past tense
 * @param <F> the sealed family of effects, in the imperative
 */
@FunctionalInterface
public interface Machine<E, F> {

    /**
     * Takes in one event.
     *
     * @param event what happened
     * @param nowMs the host's clock, milliseconds since the epoch; never goes back from one call to the next
     * @return what the host must now do, in this order; empty if nothing
     */
    List<F> step(E event, long nowMs);
}
