// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Appends batches to partitions that this node leads.
 *
 * <p><b>Buffers.</b> The shard writes offsets, leader epoch and, where the topic says so, timestamps into the batch headers, in place; nobody
 * else may touch the bytes until the reply. They are not read after the reply.
 *
 * <p><b>When the reply comes.</b> acks=0: when the batches are written, without waiting for the disk. acks=1: when they count as durable here
 * under the topic's flush settings. acks=-1: when the high watermark has passed them, or {@code deadlineMs} is over
 * (REQUEST_TIMED_OUT; the batches stay). The reply waits for the slowest partition.
 *
 * @param acks 0, 1 or -1
 * @param deadlineMs until when to wait for replication, milliseconds since the epoch
 */
public record Append(Origin origin, short acks, long deadlineMs, List<Part> parts) implements LogRequest<Append.Reply> {

    /** Who appends; decides which checks apply. */
    public enum Origin {
        /** A client: no control batches; full validation. */
        CLIENT,
        /** A coordinator of this cluster: control batches and internal topics are allowed. */
        COORDINATOR
    }

    /**
     * The batches for one partition.
     *
     * @param leaderEpoch the epoch the sender believes in, or -1 for whatever is current
     * @param records one or more whole batches, from position to limit
     */
    public record Part(PartitionKey partition, int leaderEpoch, ByteBuffer records) {}

    /** One result per part, in order. */
    public record Reply(List<Result> results) {}

    /**
     * What became of one part.
     *
     * @param baseOffset of the first batch, or -1
     * @param logAppendTimeMs the time the broker stamped, or -1 if the producer's timestamps were kept
     * @param logStartOffset or -1
     * @param recordErrors which records were at fault (KIP-467); empty unless {@code error} is about records
     * @param message for people; null without one
     */
    public record Result(
            Errors error,
            long baseOffset,
            long logAppendTimeMs,
            long logStartOffset,
            List<RecordError> recordErrors,
            @Nullable String message) {

        public static Result refused(Errors error) {
            return new Result(error, -1, -1, -1, List.of(), null);
        }

        public static Result refused(Errors error, String message) {
            return new Result(error, -1, -1, -1, List.of(), message);
        }
    }

    /** @param index of the record in the batches sent, from 0 */
    public record RecordError(int index, @Nullable String message) {}
}
