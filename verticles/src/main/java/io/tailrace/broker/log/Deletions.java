// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.DeleteRecords;
import io.tailrace.log.disk.StorageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Requests to delete the first records of partitions (KIP-107). The leader raises the start of its log at once; the request is answered when every
 * replica that lives has raised its own too, so that what was deleted is not to be had again when another one leads.
 *
 * <p>Few at a time: all that wait are looked at after each turn.
 */
final class Deletions {

    /** One request. */
    private final class Pending extends DeadlineWheel.Deadline {
        private final Call<?> call;
        private final DeleteRecords.Result[] results;

        /** Those that are not decided; the others are null. */
        private final @Nullable HostedPartition[] waiting;

        private final long[] targets;

        Pending(Call<?> call, int parts) {
            this.call = call;
            this.results = new DeleteRecords.Result[parts];
            this.waiting = new HostedPartition[parts];
            this.targets = new long[parts];
        }

        /** Whether nothing is waited for any more. */
        boolean look() {
            boolean decided = true;
            for (int part = 0; part < waiting.length; part++) {
                HostedPartition partition = waiting[part];
                if (partition != null) {
                    results[part] = progress(partition, targets[part]);
                    if (results[part].error() == Errors.REQUEST_TIMED_OUT) {
                        decided = false;
                    } else {
                        waiting[part] = null;
                    }
                }
            }
            return decided;
        }

        void answer() {
            replies.reply(call, new DeleteRecords.Reply(Arrays.asList(results)));
        }

        @Override
        void expire(long nowMs) {
            pending.remove(this);
            look();
            answer();
        }
    }

    private final Replies replies;
    private final DeadlineWheel deadlines;
    private final Reads reads;
    private final List<Pending> pending = new ArrayList<>();

    Deletions(Replies replies, DeadlineWheel deadlines, Reads reads) {
        this.replies = replies;
        this.deadlines = deadlines;
        this.reads = reads;
    }

    void onDelete(Call<?> call, DeleteRecords request, HostedPartitions partitions, long nowMs) {
        Pending asked = new Pending(call, request.parts().size());
        for (int i = 0; i < request.parts().size(); i++) {
            DeleteRecords.Part part = request.parts().get(i);
            HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition == null) {
                asked.results[i] = refused(partitions.absence(part.partition()));
                continue;
            }
            try {
                asked.results[i] = delete(asked, i, partition, part.beforeOffset(), nowMs);
            } catch (StorageException unreadable) { // loaded by its first use
                asked.results[i] = refused(Errors.KAFKA_STORAGE_ERROR);
            }
        }
        if (asked.look() || nowMs >= request.deadlineMs()) {
            asked.answer();
        } else {
            pending.add(asked);
            deadlines.add(asked, request.deadlineMs());
        }
    }

    private DeleteRecords.Result delete(
            Pending asked, int part, HostedPartition partition, long beforeOffset, long nowMs) {
        Errors error = Lookups.check(partition, -1);
        if (error != Errors.NONE) {
            return refused(error);
        }
        long highWatermark = partition.leader().highWatermark();
        long target = beforeOffset == -1 ? highWatermark : beforeOffset;
        if (target < 0 || target > highWatermark) {
            return refused(Errors.OFFSET_OUT_OF_RANGE);
        }
        partition.log().advanceLogStart(target);
        asked.waiting[part] = partition;
        asked.targets[part] = target;
        reads.onWritten(partition, nowMs); // followers that wait for records are told where the log starts
        return progress(partition, target);
    }

    /** REQUEST_TIMED_OUT while there is something to wait for, which is what a request is told whose time is over. */
    private static DeleteRecords.Result progress(HostedPartition partition, long target) {
        Errors error = Lookups.check(partition, -1);
        if (error != Errors.NONE) {
            return refused(error);
        }
        long low = partition.leader().lowWatermark(partition.log().logStartOffset());
        return new DeleteRecords.Result(low >= target ? Errors.NONE : Errors.REQUEST_TIMED_OUT, low);
    }

    private static DeleteRecords.Result refused(Errors error) {
        return new DeleteRecords.Result(error, -1);
    }

    /** Followers may have got further, or other nodes lead. */
    void look() {
        if (!pending.isEmpty()) {
            answer(Pending::look);
        }
    }

    /** The shard stops: nobody is to wait for it. */
    void close() {
        answer(any -> true);
    }

    private void answer(Predicate<Pending> done) {
        pending.removeIf(asked -> {
            boolean isDone = done.test(asked);
            if (isDone) {
                deadlines.cancel(asked);
                asked.answer();
            }
            return isDone;
        });
    }
}
