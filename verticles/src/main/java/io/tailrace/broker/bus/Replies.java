// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * The answers of one turn of a shard. They leave together at the end of the turn: one task for each context that asked, however many
 * requests it had in the turn.
 *
 * <p>Owned by the shard's thread.
 */
public final class Replies {

    private List<Call<?>> decided = new ArrayList<>();

    /** Answers a call, once; it leaves with the next {@link #flush}. */
    public void reply(Call<?> call, Object outcome) {
        call.decide(outcome);
        decided.add(call);
    }

    /** Lets a call fail; for what should not happen. */
    public void fail(Call<?> call, Throwable cause) {
        call.decideFailure(cause);
        decided.add(call);
    }

    /** Sends what was decided since the last flush. */
    public void flush() {
        while (!decided.isEmpty()) {
            List<Call<?>> mine = decided;
            decided = new ArrayList<>();
            ContextInternal asker = mine.get(0).asker();
            mine.removeIf(call -> call.asker() != asker && decided.add(call));
            asker.execute(mine, Replies::deliver);
        }
    }

    private static void deliver(List<Call<?>> calls) {
        for (Call<?> call : calls) {
            call.deliver();
        }
    }
}
