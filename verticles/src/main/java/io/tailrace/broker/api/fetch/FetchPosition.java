// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Where a reader stands in one partition and, within a session, what it was told last. */
public final class FetchPosition {

    private final FetchTarget target;
    private long fetchOffset;
    private int maxBytes;
    private int leaderEpoch;
    private int lastFetchedEpoch;
    private @Nullable PartitionKey key;
    private Read.@Nullable Part part;
    private long toldHighWatermark = -1;
    private long toldLogStartOffset = -1;

    FetchPosition(FetchTarget target, FetchPartition wanted) {
        this.target = target;
        update(wanted);
    }

    public FetchTarget target() {
        return target;
    }

    void update(FetchPartition wanted) {
        fetchOffset = wanted.fetchOffset();
        maxBytes = wanted.partitionMaxBytes();
        leaderEpoch = wanted.currentLeaderEpoch();
        lastFetchedEpoch = wanted.lastFetchedEpoch();
        part = null;
    }

    /** What to ask the shard; the same instance as last time, if nothing changed. */
    public Read.Part part(PartitionKey of) {
        if (part == null || key == null || !key.equals(of)) {
            key = of;
            part = new Read.Part(of, fetchOffset, maxBytes, leaderEpoch, lastFetchedEpoch);
        }
        return part;
    }

    /**
     * Whether an incremental response has to name this partition; notes what it tells. After an error the next answer is always told, so that
     * the reader learns that it is over.
     */
    boolean isNews(Read.Result result) {
        boolean news = !result.records().isEmpty()
                || result.diverging() != null
                || result.error() != Errors.NONE
                || result.highWatermark() != toldHighWatermark
                || result.logStartOffset() != toldLogStartOffset;
        toldHighWatermark = result.error() == Errors.NONE ? result.highWatermark() : -1;
        toldLogStartOffset = result.logStartOffset();
        return news;
    }
}
