// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.replication.FollowerLog;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.epoch.EpochEnd;

/** A log as the machine of a follower reads it. */
record ReplicaLog(PartitionLog log) implements FollowerLog {

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
        return log.durableEndOffset();
    }

    @Override
    public int latestEpoch() {
        return log.latestEpoch();
    }

    @Override
    public EpochEnd epochEnd(int leaderEpoch) {
        return log.epochEnd(leaderEpoch);
    }
}
