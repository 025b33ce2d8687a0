// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.cluster.replication.FollowerReplica;
import io.tailrace.cluster.replication.HighWatermark;
import io.tailrace.cluster.replication.LeaderReplica;
import io.tailrace.log.PartitionLog;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/** One partition of a shard: its log, the machines that lead and follow it, the reads that wait at it. */
final class HostedPartition {

    private final PartitionKey key;
    private final PartitionLog log;
    private final LeaderReplica<PendingAppend.Ticket> leader;
    private final FollowerReplica follower;
    private final WaitList readers = new WaitList();

    /** The image this partition was last brought in line with; compared by identity. */
    private TopicImage topic;

    /** Bytes appended since the process started, and how many of them readers have been told of. */
    private long appendedBytes;

    private long visibleBytes;

    /** The last stable offset when {@link #stableOffsetMoved} was last asked. */
    private long stableOffset = -1;

    /** Whether batches of the leader are staged, of which the machine is to hear when they are written. */
    private boolean copying;

    private boolean corrupt;

    private boolean mending;

    private final int nodeId;

    /** By follower; empty unless consumers read from followers. */
    private final Map<Integer, Long> toldHighWatermark = new HashMap<>(0);

    /** Whether this partition is on the list of those that the current turn touched. */
    private boolean touched;

    /** The answer for a reader at the end; the same one as long as no offset moves. */
    private Read.Result atEnd = Read.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER);

    /**
     * @param replicaLagMaxMs {@code replica.lag.time.max.ms}
     * @param mending whether what was here was rotten, and is copied anew
     */
    HostedPartition(
            PartitionKey key, PartitionLog log, TopicImage topic, int nodeId, long replicaLagMaxMs, boolean mending) {
        this.key = key;
        this.log = log;
        this.topic = topic;
        this.nodeId = nodeId;
        this.mending = mending;
        HighWatermark highWatermark = new HighWatermark(log.logStartOffset());
        this.leader = new LeaderReplica<>(nodeId, highWatermark, replicaLagMaxMs);
        this.follower = new FollowerReplica(new ReplicaLog(log), highWatermark);
    }

    /** Whether the follower does not know of the high watermark yet. */
    boolean isNewsTo(int followerId) {
        return toldHighWatermark.getOrDefault(followerId, -1L) < leader.highWatermark();
    }

    /** The follower is told of the high watermark with an answer. */
    void told(int followerId) {
        toldHighWatermark.put(followerId, leader.highWatermark());
    }

    /** Something in the log is rotten. */
    void foundCorrupt() {
        corrupt = true;
    }

    /** Something in the log was found to be rotten, while it was read or when it was loaded. */
    boolean isCorrupt() {
        return corrupt || log.isCorrupt();
    }

    /** Whether it is copied anew, since what was here was rotten; until it is in sync. */
    boolean isMending() {
        mending &= !image().isr().contains(nodeId);
        return mending;
    }

    PartitionKey key() {
        return key;
    }

    PartitionLog log() {
        return log;
    }

    LeaderReplica<PendingAppend.Ticket> leader() {
        return leader;
    }

    FollowerReplica follower() {
        return follower;
    }

    WaitList readers() {
        return readers;
    }

    TopicImage topic() {
        return topic;
    }

    void topic(TopicImage image) {
        topic = image;
    }

    PartitionImage image() {
        return topic.partitions().get(key.partition());
    }

    /** Notes bytes given to the log; returns true for the first ones of a turn. */
    boolean touch(int bytes) {
        appendedBytes += bytes;
        boolean first = !touched;
        touched = true;
        return first;
    }

    void copying(boolean now) {
        copying = now;
    }

    boolean isCopying() {
        return copying;
    }

    void untouch() {
        touched = false;
    }

    /**
     * How many bytes became visible when the high watermark rose from {@code before} to {@code now}: an estimate by offsets where it is still
     * below the log's end. Rounded up, so that a reader never waits too long for it.
     */
    long becameVisible(long before, long now) {
        long hidden = appendedBytes - visibleBytes;
        long end = log.logEndOffset();
        long bytes = now >= end
                ? hidden
                : Math.min(hidden, (long) Math.ceil((double) hidden * (now - before) / (end - before)));
        visibleBytes += bytes;
        return bytes;
    }

    /** Whether committed readers can see more than at the last call. */
    boolean stableOffsetMoved() {
        if (!log.isOnline()) {
            return false;
        }
        long stable = log.lastStableOffset(leader.highWatermark());
        boolean moved = stable != stableOffset;
        stableOffset = stable;
        return moved;
    }

    /** What a reader gets that has read all there is. */
    Read.Result atEnd(boolean committed) {
        long highWatermark = leader.highWatermark();
        long stable = log.lastStableOffset(highWatermark);
        long start = log.logStartOffset();
        if (atEnd.highWatermark() != highWatermark
                || atEnd.lastStableOffset() != stable
                || atEnd.logStartOffset() != start
                || (atEnd.aborted() != null) != committed) {
            atEnd = Read.Result.nothing(highWatermark, stable, start, committed);
        }
        return atEnd;
    }
}
