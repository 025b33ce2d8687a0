// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.replication.FollowerLog;
import io.tailrace.log.epoch.EpochEnd;

/** A log that says that all that is written is durable, or nothing of its epochs. */
record MutantView(SimLog log, boolean claimsUnsynced) implements FollowerLog {
    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public long logEndOffset() {
        return log.logEndOffset();
    }

    @Override
    public long durableEndOffset() {
        return claimsUnsynced ? log.logEndOffset() : log.durableEndOffset();
    }

    @Override
    public int latestEpoch() {
        return claimsUnsynced ? log.latestEpoch() : -1;
    }

    @Override
    public EpochEnd epochEnd(int leaderEpoch) {
        return log.epochEnd(leaderEpoch);
    }
}
