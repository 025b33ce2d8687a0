// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.replication.LeaderEvent;

/** Steps the machine of a partition and carries out what it says. */
interface LeaderEffects {

    void step(HostedPartition partition, LeaderEvent<PendingAppend.Ticket> event, long nowMs);

    /** Answers every read that waits at the partition: it will not get anything from it any more. */
    void wakeReaders(HostedPartition partition, long nowMs);
}
