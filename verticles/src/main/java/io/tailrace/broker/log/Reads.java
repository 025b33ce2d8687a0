// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.cluster.replication.LeaderEvent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetch requests of a shard, with their long polls.
 *
 * <p>A read is first looked over without reading anything: who is at the end of every partition, the common case of a consumer that keeps
 * up, is parked for the price of a list entry per partition. Reading starts when the gate is open, or time is up.
 */
final class Reads {

    private final Replies replies;
    private final DeadlineWheel deadlines;
    private final LeaderEffects effects;
    private final boolean followersServe;
    private final PartitionReader reader;

    /** Reads that share a gate with other shards and may be released from there. */
    private final Map<ReadGate, ParkedRead> byGate = new HashMap<>();

    /** @param followersServe whether followers have to hear of the high watermark at once, since consumers read from them */
    Reads(
            Replies replies,
            DeadlineWheel deadlines,
            LeaderEffects effects,
            boolean followersServe,
            PartitionReader reader) {
        this.reader = reader;
        this.followersServe = followersServe;
        this.replies = replies;
        this.deadlines = deadlines;
        this.effects = effects;
    }

    void onRead(Call<?> call, Read request, HostedPartitions partitions, long nowMs) {
        HostedPartition[] hosted = new HostedPartition[request.parts().size()];
        boolean urgent = false;
        long availableBytes = 0;
        for (int i = 0; i < hosted.length; i++) {
            Read.Part part = request.parts().get(i);
            @Nullable HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition == null) {
                answerWithAbsence(call, request, partitions, nowMs);
                return;
            }
            hosted[i] = partition;
            if (reader.needsAnswer(partition, part, request)) {
                urgent = true;
                continue;
            }
            if (request.follower() != null) {
                note(partition, part, request.follower(), nowMs);
                urgent |=
                        followersServe && partition.isNewsTo(request.follower().nodeId());
                // What was deleted here is to be deleted there, and somebody may wait for it.
                urgent |= part.logStartOffset() < partition.log().logStartOffset();
            }
            if (!urgent) {
                availableBytes += reader.availableBytes(partition, part, request.isolation());
            }
        }
        if (urgent) {
            request.gate().open();
        }
        if (request.gate().add(availableBytes) || nowMs >= request.deadlineMs()) {
            replies.reply(call, new Read.Reply(Arrays.asList(read(request, hosted))));
        } else {
            park(new ParkedRead(this, call, request, hosted));
        }
    }

    /** The machine hears how far a follower's disk is. */
    private void note(HostedPartition partition, Read.Part part, Read.Follower follower, long nowMs) {
        effects.step(
                partition,
                new LeaderEvent.FollowerFetched<>(
                        follower.nodeId(),
                        follower.brokerEpoch(),
                        part.leaderEpoch(),
                        part.fetchOffset(),
                        partition.log().logEndOffset(),
                        part.logStartOffset()),
                nowMs);
    }

    /** A partition that is not here makes the fetch an urgent one, of which the other partitions get their share. */
    private void answerWithAbsence(Call<?> call, Read request, HostedPartitions partitions, long nowMs) {
        request.gate().open();
        Read.Result[] results = new Read.Result[request.parts().size()];
        for (int i = 0; i < results.length; i++) {
            Read.Part part = request.parts().get(i);
            HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition != null && request.follower() != null && !reader.needsAnswer(partition, part, request)) {
                note(partition, part, request.follower(), nowMs);
            }
            results[i] = partition == null
                    ? Read.Result.refused(partitions.absence(part.partition()))
                    : answer(partition, part, request);
        }
        replies.reply(call, new Read.Reply(Arrays.asList(results)));
    }

    private Read.Result[] read(Read request, HostedPartition[] hosted) {
        Read.Result[] results = new Read.Result[hosted.length];
        for (int i = 0; i < hosted.length; i++) {
            results[i] = answer(hosted[i], request.parts().get(i), request);
        }
        return results;
    }

    private Read.Result answer(HostedPartition partition, Read.Part part, Read request) {
        if (followersServe && request.follower() != null) {
            partition.told(request.follower().nodeId());
        }
        return reader.read(partition, part, request);
    }

    private void park(ParkedRead parked) {
        parked.park();
        byGate.put(parked.request().gate(), parked);
        deadlines.add(parked, parked.request().deadlineMs());
    }

    /** Answers a parked read with what there is. */
    void complete(ParkedRead parked, long nowMs) {
        parked.unpark();
        byGate.remove(parked.request().gate());
        deadlines.cancel(parked);
        replies.reply(parked.call(), new Read.Reply(Arrays.asList(read(parked.request(), parked.partitions()))));
    }

    void onRelease(Call<?> call, ReleaseRead release, long nowMs) {
        ParkedRead parked = byGate.get(release.gate());
        if (parked != null) {
            complete(parked, nowMs);
        }
        replies.reply(call, ReleaseRead.Reply.DONE);
    }

    /** Readers of the partition can see {@code bytes} more. */
    void onVisible(HostedPartition partition, long bytes, long nowMs) {
        WaitList waiting = partition.readers();
        boolean stableMoved = waiting.size() > 0 && partition.stableOffsetMoved();
        for (int place = waiting.size() - 1; place >= 0; place = Math.min(place, waiting.size()) - 1) {
            ParkedRead parked = waiting.read(place);
            boolean sees =
                    switch (parked.request().isolation()) {
                        case LOG_END ->
                            followersServe; // else it was told when the bytes were written, and that is enough
                        case READ_UNCOMMITTED -> true;
                        case READ_COMMITTED -> stableMoved;
                    };
            if (sees && parked.request().isolation() == Isolation.LOG_END) {
                parked.request().gate().open();
                complete(parked, nowMs);
            } else if (sees && parked.request().gate().add(bytes)) {
                complete(parked, nowMs); // its place is taken by one already looked at
            }
        }
    }

    /** Followers of the partition have something to copy. */
    void onWritten(HostedPartition partition, long nowMs) {
        WaitList waiting = partition.readers();
        for (int place = waiting.size() - 1; place >= 0; place = Math.min(place, waiting.size()) - 1) {
            ParkedRead parked = waiting.read(place);
            if (parked.request().isolation() == Isolation.LOG_END) {
                parked.request().gate().open();
                complete(parked, nowMs);
            }
        }
    }

    /** The partition has nothing more to give: whoever waits at it learns why. */
    void wake(HostedPartition partition, long nowMs) {
        WaitList waiting = partition.readers();
        while (waiting.size() > 0) {
            ParkedRead parked = waiting.read(waiting.size() - 1);
            parked.request().gate().open();
            complete(parked, nowMs);
        }
    }

    /** Answers every parked read; the shard stops. */
    void completeAll(HostedPartitions partitions, long nowMs) {
        partitions.all().forEach(partition -> wake(partition, nowMs));
    }
}
