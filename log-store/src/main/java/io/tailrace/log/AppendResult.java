// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What became of one {@link PartitionLog#append}. Nothing here is a promise of durability: see {@link ShardLog}. */
public sealed interface AppendResult {

    /**
     * The batches have their offsets and are written by the end of the turn.
     *
     * @param baseOffset offset of the first record
     * @param endOffset exclusive: one past the last record
     * @param logAppendTimeMs the broker's timestamp where {@code message.timestamp.type=LogAppendTime}, else -1
     * @param logStartOffset of the log at that moment
     */
    record Appended(long baseOffset, long endOffset, long logAppendTimeMs, long logStartOffset)
            implements AppendResult {}

    /**
     * An idempotent producer sent these batches before; they are in the log already, at these offsets ({@code baseOffset} is -1 and {@code
     * endOffset} that of a later batch if it is not remembered where). They count when {@link
     * PartitionLog#durableEndOffset} has reached {@code endOffset}, as an append would.
     */
    record Duplicate(long baseOffset, long endOffset, long logAppendTimeMs, long logStartOffset)
            implements AppendResult {}

    /**
     * Nothing was appended.
     *
     * @param error Kafka's code for the client
     * @param message why, for people; may be empty
     * @param recordErrors the batches at fault, where single ones are (KIP-467); often empty
     */
    record Rejected(Errors error, String message, List<RecordError> recordErrors) implements AppendResult {
        public Rejected {
            recordErrors = List.copyOf(recordErrors);
        }

        public Rejected(Errors error, String message) {
            this(error, message, List.of());
        }
    }

    /** @param index of the record in the request, from 0 */
    record RecordError(int index, String message) {}
}
