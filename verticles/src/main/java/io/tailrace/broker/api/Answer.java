// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.Outcome;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What the API handlers have in common when they read the controller's answers. */
final class Answer {

    private Answer() {}

    /**
     * The answer as what was asked for, or as a refusal of the whole.
     *
     * @throws IllegalStateException the controller answered something else, which is a bug
     */
    static <R extends ControllerReply, T> T of(
            ControllerReply reply, Class<R> expected, Function<R, T> done, Function<Outcome, T> refused) {
        if (expected.isInstance(reply)) {
            return done.apply(expected.cast(reply));
        }
        if (reply instanceof Refused refusal) {
            return refused.apply(refusal.outcome());
        }
        throw new IllegalStateException(
                "the controller answered " + reply + " where " + expected.getSimpleName() + " was due");
    }

    /** The text that goes to the client: null when all is well, the code's own where there is no better one. */
    static @Nullable String message(Outcome outcome) {
        if (outcome.isOk()) {
            return null;
        }
        return outcome.message().isEmpty() ? outcome.error().message() : outcome.message();
    }

    static Outcome refused(Errors error) {
        return Outcome.refused(error, String.valueOf(error.message()));
    }

    /** A client's time-out as the controller takes it; some clients send 0 or less to say "do not wait", which is "a moment" here. */
    static long timeoutMs(int timeoutMs) {
        return Math.max(1, timeoutMs);
    }
}
