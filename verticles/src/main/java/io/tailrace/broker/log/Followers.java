// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.FollowerTurn;
import io.tailrace.cluster.replication.FetchPosition;
import io.tailrace.cluster.replication.FollowerEffect;
import io.tailrace.cluster.replication.FollowerEvent;
import io.tailrace.log.AppendOrigin;
import io.tailrace.log.AppendResult;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of a shard that copy another node: what their leaders answered goes to the machine of each, to the log, and the next
 * positions back when all of it is durable.
 *
 * <p>Batches are staged, written and synced with whatever else the turn has, so that copying costs no sync of its own.
 */
final class Followers {

    private static final Logger LOG = LoggerFactory.getLogger(Followers.class);

    private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);

    private record Waiting(Call<?> call, int leaderId) {}

    private final Replies replies;
    private final Appends appends;
    private final Reads reads;
    private final List<Waiting> waiting = new ArrayList<>();

    /** What came with the answer that is being looked at. */
    private ByteBuffer records = NO_RECORDS;

    Followers(Replies replies, Appends appends, Reads reads) {
        this.replies = replies;
        this.appends = appends;
        this.reads = reads;
    }

    void onTurn(Call<?> call, FollowerTurn turn, HostedPartitions partitions, long nowMs) {
        for (FollowerTurn.Answer answer : turn.answers()) {
            HostedPartition partition = partitions.hosted(answer.partition());
            if (partition != null) {
                records = answer.records();
                step(
                        partition,
                        answer.answer() == null
                                ? new FollowerEvent.Unanswered(answer.position())
                                : new FollowerEvent.Answered(answer.position(), answer.answer()),
                        nowMs);
                records = NO_RECORDS;
            }
        }
        waiting.add(new Waiting(call, turn.leaderId()));
    }

    void step(HostedPartition partition, FollowerEvent event, long nowMs) {
        if (!partition.log().isOnline()) {
            return;
        }
        try {
            Errors refused = Errors.NONE;
            long before = partition.leader().highWatermark();
            for (FollowerEffect effect : partition.follower().step(event, nowMs)) {
                switch (effect) {
                    case FollowerEffect.Truncate it -> truncate(partition, it);
                    case FollowerEffect.RestartAt it -> restart(partition, it);
                    case FollowerEffect.Append it -> refused = append(partition, nowMs);
                    case FollowerEffect.Sync it -> appends.touch(partition, 0);
                    case FollowerEffect.AdvanceHighWatermark it ->
                        reads.onVisible(partition, partition.becameVisible(before, it.highWatermark()), nowMs);
                    case FollowerEffect.AdvanceLogStart it -> partition.log().advanceLogStart(it.offset());
                }
            }
            if (refused != Errors.NONE) {
                step(partition, new FollowerEvent.AppendRefused(refused), nowMs);
            }
        } catch (StorageException offline) {
            LOG.error("{}: the copy is offline", partition.log().topicPartition(), offline);
        }
    }

    private static void truncate(HostedPartition partition, FollowerEffect.Truncate it) {
        if (it.belowHighWatermark()) {
            LOG.warn(
                    "{}: the leader of epoch {} lacks what was committed; truncating to {}",
                    partition.log().topicPartition(),
                    partition.follower().leaderEpoch(),
                    it.offset());
        }
        partition.log().truncateTo(it.offset());
    }

    private static void restart(HostedPartition partition, FollowerEffect.RestartAt it) {
        LOG.info(
                "{}: nothing in common with the leader of epoch {}; copying anew from {}",
                partition.log().topicPartition(),
                partition.follower().leaderEpoch(),
                it.offset());
        partition.log().truncateFullyAndStartAt(it.offset());
    }

    private Errors append(HostedPartition partition, long nowMs) {
        int bytes = records.remaining();
        AppendResult result = partition
                .log()
                .append(
                        records,
                        partition.follower().leaderEpoch(),
                        AppendOrigin.REPLICATION,
                        TransactionTerms.NONE,
                        nowMs);
        return switch (result) {
            case AppendResult.Appended appended -> {
                partition.copying(true);
                appends.touch(partition, bytes);
                yield Errors.NONE;
            }
            case AppendResult.Duplicate old -> throw new IllegalStateException("a copy is never compared: " + old);
            case AppendResult.Rejected rejected -> {
                LOG.warn("{}: cannot copy: {}", partition.log().topicPartition(), rejected.message());
                yield rejected.error();
            }
        };
    }

    /** What was staged is written. */
    void written(HostedPartition partition, long nowMs) {
        if (partition.isCopying()) {
            partition.copying(false);
            step(partition, new FollowerEvent.Appended(), nowMs);
        }
    }

    /** More of the log may be durable. */
    void synced(HostedPartition partition, long nowMs) {
        if (partition.follower().isFollowing()) {
            step(partition, new FollowerEvent.Synced(), nowMs);
        }
    }

    /** What was staged is not in the log. */
    void failed(HostedPartition partition, long nowMs) {
        if (partition.follower().isFollowing()) {
            partition.copying(false);
            step(partition, new FollowerEvent.AppendRefused(Errors.KAFKA_STORAGE_ERROR), nowMs);
        }
    }

    /** Answers the turns of which everything is durable. */
    void answer(HostedPartitions partitions, long nowMs) {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting turn = all.next();
            List<HostedPartition> copies = partitions.following(turn.leaderId);
            if (copies.stream().noneMatch(Followers::isBusy)) {
                all.remove();
                // What cannot be opened yet is looked for again.
                long retryAtMs = partitions.unopened().isEmpty() ? Long.MAX_VALUE : nowMs + Housekeeping.CLEAN_UP_MS;
                replies.reply(turn.call, reply(copies, retryAtMs, nowMs));
            }
        }
    }

    private static boolean isBusy(HostedPartition partition) {
        return partition.follower().isSyncing() && partition.log().isOnline();
    }

    private FollowerTurn.Reply reply(List<HostedPartition> copies, long latestMs, long nowMs) {
        List<FollowerTurn.Position> positions = new ArrayList<>(copies.size());
        long retryAtMs = latestMs;
        for (HostedPartition partition : copies) {
            FetchPosition position = position(partition, nowMs);
            if (position != null) {
                positions.add(new FollowerTurn.Position(partition.key(), position, partition.isMending()));
                step(partition, new FollowerEvent.Asked(position), nowMs);
            } else if (partition.log().isOnline()) {
                retryAtMs = Math.min(retryAtMs, partition.follower().readyAtMs());
            }
        }
        return new FollowerTurn.Reply(positions, retryAtMs);
    }

    private static @Nullable FetchPosition position(HostedPartition partition, long nowMs) {
        try {
            return partition.log().isOnline()
                    ? partition.follower().position(nowMs).orElse(null)
                    : null;
        } catch (StorageException offline) {
            return null;
        }
    }

    /** The shard stops: nobody is to wait for it. */
    void close() {
        waiting.forEach(turn -> replies.reply(turn.call, new FollowerTurn.Reply(List.of(), Long.MAX_VALUE)));
        waiting.clear();
    }
}
