// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.log.LogRead;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches, waiting until the gate opens or {@code deadlineMs} is over. Waiting costs neither a timer nor a poll: the append that brings
 * the bytes completes the read.
 *
 * <p>Batches come whole: the one that holds the offset asked for is the first, though it may begin before it. A request with no part wrong
 * and not enough bytes waits; an error, a diverging epoch or a gate opened elsewhere answers at once.
 *
 * @param deadlineMs milliseconds since the epoch; in the past for a read that does not wait
 * @param gate shared by all shards of one fetch
 * @param budget shared by all shards of one fetch
 * @param follower who reads, if it is a replica; null for a consumer
 * @param fromAnyReplica whether a replica that follows may answer too (KIP-392), with what it knows to be committed
 */
public record Read(
        Isolation isolation,
        long deadlineMs,
        ReadGate gate,
        ByteBudget budget,
        List<Part> parts,
        @Nullable Follower follower,
        boolean fromAnyReplica)
        implements LogRequest<Read.Reply> {

    /** By a consumer, of the leader. */
    public Read(Isolation isolation, long deadlineMs, ReadGate gate, ByteBudget budget, List<Part> parts) {
        this(isolation, deadlineMs, gate, budget, parts, null, false);
    }

    /** A replica that reads to copy: its fetch offset says what is on its disk. */
    public record Follower(int nodeId, long brokerEpoch) {}

    /**
     * @param maxBytes of records; {@link #HELD_BACK} for none at all, not even a first batch
     * @param leaderEpoch the epoch the reader believes in, or -1
     * @param lastFetchedEpoch the epoch of the last record the reader has, or -1; asks for a check of divergence (KIP-595)
     * @param logStartOffset of a replica that reads: where its log starts. If the leader's starts later, it is answered at once. -1 for anybody else
     */
    public record Part(
            PartitionKey partition,
            long fetchOffset,
            int maxBytes,
            int leaderEpoch,
            int lastFetchedEpoch,
            long logStartOffset) {

        /** The reader's position is taken in, and it hears all but the records: they are throttled. */
        public static final int HELD_BACK = -1;

        /** Of a reader that is no replica. */
        public Part(PartitionKey partition, long fetchOffset, int maxBytes, int leaderEpoch, int lastFetchedEpoch) {
            this(partition, fetchOffset, maxBytes, leaderEpoch, lastFetchedEpoch, -1);
        }

        public boolean isHeldBack() {
            return maxBytes == HELD_BACK;
        }
    }

    /** One result per part, in order. */
    public record Reply(List<Result> results) {}

    /**
     * @param records to be released by whoever takes the reply, once, written or not; {@link LogSlices#EMPTY} if there are none
     * @param highWatermark or -1 with an error
     * @param aborted sorted by first offset; null unless read committed
     * @param diverging where the reader's log leaves the leader's; null if it does not
     */
    public record Result(
            Errors error,
            LogRead.Records records,
            long highWatermark,
            long lastStableOffset,
            long logStartOffset,
            @Nullable List<AbortedTransaction> aborted,
            @Nullable Divergence diverging) {

        private static final LogRead.Records NO_RECORDS = LogRead.Records.empty(-1);

        public static Result nothing(
                long highWatermark, long lastStableOffset, long logStartOffset, boolean committed) {
            return new Result(
                    Errors.NONE,
                    NO_RECORDS,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    committed ? List.of() : null,
                    null);
        }

        public static Result refused(Errors error) {
            return new Result(error, NO_RECORDS, -1, -1, -1, null, null);
        }
    }

    public record AbortedTransaction(long producerId, long firstOffset) {}

    /** The largest epoch the leader has that is not above the reader's last, and where it ends (exclusive). */
    public record Divergence(int epoch, long endOffset) {}
}
