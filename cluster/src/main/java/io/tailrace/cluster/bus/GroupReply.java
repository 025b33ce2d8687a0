// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.group.GroupAnswer;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;

/** What became of a {@link GroupCall}. */
public sealed interface GroupReply {

    /** The coordinator answered. */
    record Answered(GroupAnswer answer) implements GroupReply {}

    /** There was no coordinator to answer: not here, loading, out of reach, or the log took nothing. */
    record Refused(Errors error) implements GroupReply {}

    /** The answer, known to be of this class, or the refusal, as what goes to the client. */
    default <A extends GroupAnswer, T> T map(Class<A> kind, Function<A, T> answered, Function<Errors, T> refused) {
        return switch (this) {
            case Answered done -> answered.apply(kind.cast(done.answer()));
            case Refused refusal -> refused.apply(refusal.error());
        };
    }
}
