// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

/**
 * Tells a shard to answer the {@link Read} waiting at this gate now, with what there is. Answered with nothing, at once; a gate that nobody
 * waits at is no error.
 */
public record ReleaseRead(ReadGate gate) implements LogRequest<ReleaseRead.Reply> {

    public record Reply() {
        public static final Reply DONE = new Reply();
    }
}
