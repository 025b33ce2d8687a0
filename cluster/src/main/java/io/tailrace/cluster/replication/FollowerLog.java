// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.log.epoch.EpochEnd;

/** What a {@link FollowerReplica} reads of its log while it decides. It changes nothing there: that is done by effects. */
public interface FollowerLog {

    /** The first offset that may be read. */
    long logStartOffset();

    /** The end (exclusive) of what is written. */
    long logEndOffset();

    /** The end (exclusive) of what is on disk, as far as the topic cares. */
    long durableEndOffset();

    /** The latest leader epoch in the log's history, or -1. */
    int latestEpoch();

    /** The largest epoch at most {@code leaderEpoch} in the log, and where it ends. */
    EpochEnd epochEnd(int leaderEpoch);
}
