// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.broker.metrics.LogMeters;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.replication.LeaderEffect;
import io.tailrace.cluster.replication.LeaderEvent;
import io.tailrace.log.AppendOrigin;
import io.tailrace.log.AppendResult;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.producer.TransactionTerms;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * Produce requests of a shard: to the machine of each partition, to the log, and back when they count.
 *
 * <p>The batches are staged while requests are taken, written together at the end of the turn, synced together after it. What a producer is
 * told follows from the machine alone.
 */
final class Appends implements LeaderEffects {

    private final Replies replies;
    private final DeadlineWheel deadlines;
    private final LogMeters meters;
    private final List<HostedPartition> touched = new ArrayList<>();
    private final List<PendingAppend> unacknowledged = new ArrayList<>();
    private Reads reads;
    private IsrProposals proposals;

    @SuppressWarnings("NullAway.Init") // the two know each other; see connect
    Appends(Replies replies, DeadlineWheel deadlines, LogMeters meters) {
        this.replies = replies;
        this.deadlines = deadlines;
        this.meters = meters;
    }

    /** Whom to tell that readers can see more, and who takes proposals to the controller. */
    void connect(Reads waiting, IsrProposals outgoing) {
        reads = waiting;
        proposals = outgoing;
    }

    void onAppend(Call<?> call, Append request, HostedPartitions partitions, long nowMs) {
        PendingAppend pending = new PendingAppend(this, call, request);
        List<Append.Part> parts = request.parts();
        for (int i = 0; i < parts.size(); i++) {
            Append.Part part = parts.get(i);
            HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition == null) {
                pending.refuse(i, partitions.absence(part.partition()));
            } else {
                PendingAppend.Ticket ticket = pending.ticket(i, partition);
                step(partition, new LeaderEvent.AppendRequested<>(ticket, request.acks(), part.leaderEpoch()), nowMs);
            }
        }
        if (request.acks() == 0) {
            unacknowledged.add(pending);
        } else if (pending.isDecided()) {
            replies.reply(call, pending.reply());
        } else {
            pending.waiting(true);
            deadlines.add(pending, request.deadlineMs());
        }
    }

    @Override
    public void step(HostedPartition partition, LeaderEvent<PendingAppend.Ticket> event, long nowMs) {
        long before = partition.leader().highWatermark();
        for (LeaderEffect<PendingAppend.Ticket> effect : partition.leader().step(event, nowMs)) {
            switch (effect) {
                case LeaderEffect.Append<PendingAppend.Ticket> append -> append(append.ticket(), nowMs);
                case LeaderEffect.Acknowledge<PendingAppend.Ticket> acknowledge -> acknowledge(acknowledge.ticket());
                case LeaderEffect.Refuse<PendingAppend.Ticket> refuse -> refuse(refuse.ticket(), refuse.error());
                case LeaderEffect.AdvanceHighWatermark<PendingAppend.Ticket> advance ->
                    reads.onVisible(partition, partition.becameVisible(before, advance.highWatermark()), nowMs);
                case LeaderEffect.AlterIsr<PendingAppend.Ticket> alter -> proposals.add(partition, alter);
            }
        }
    }

    @Override
    public void wakeReaders(HostedPartition partition, long nowMs) {
        reads.wake(partition, nowMs);
    }

    private void append(PendingAppend.Ticket ticket, long nowMs) {
        HostedPartition partition = ticket.partition;
        Append request = ticket.append.request();
        Append.Part part = request.parts().get(ticket.part);
        int bytes = part.records().remaining();
        AppendOrigin origin = request.origin() == Append.Origin.CLIENT ? AppendOrigin.CLIENT : AppendOrigin.COORDINATOR;
        AppendResult result;
        try {
            result = partition
                    .log()
                    .append(part.records(), partition.leader().leaderEpoch(), origin, TransactionTerms.NONE, nowMs);
        } catch (StorageException offline) {
            decideRefused(ticket, Append.Result.refused(Errors.KAFKA_STORAGE_ERROR));
            return;
        }
        switch (result) {
            case AppendResult.Appended appended -> {
                touch(partition, bytes);
                meters.appended(bytes);
                count(
                        ticket,
                        appended.baseOffset(),
                        appended.logAppendTimeMs(),
                        appended.logStartOffset(),
                        appended.endOffset(),
                        nowMs);
            }
            case AppendResult.Duplicate old -> {
                touch(partition, 0); // what it repeats may not be synced yet
                count(ticket, old.baseOffset(), old.logAppendTimeMs(), old.logStartOffset(), old.endOffset(), nowMs);
            }
            case AppendResult.Rejected rejected ->
                decideRefused(ticket, rejected(rejected, partition.log().logStartOffset()));
        }
    }

    /** Has the partition written and synced with this turn. */
    void touch(HostedPartition partition, int bytes) {
        if (partition.touch(bytes)) {
            touched.add(partition);
        }
    }

    private void count(
            PendingAppend.Ticket ticket,
            long baseOffset,
            long appendTimeMs,
            long startOffset,
            long endOffset,
            long nowMs) {
        ticket.append.appended(
                ticket.part, new Append.Result(Errors.NONE, baseOffset, appendTimeMs, startOffset, List.of(), null));
        step(
                ticket.partition,
                new LeaderEvent.Appended<>(ticket, ticket.append.request().acks(), endOffset),
                nowMs);
    }

    private static Append.Result rejected(AppendResult.Rejected rejected, long logStartOffset) {
        List<Append.RecordError> records = rejected.recordErrors().stream()
                .map(record -> new Append.RecordError(record.index(), record.message()))
                .toList();
        String message = rejected.message().isEmpty() ? null : rejected.message();
        return new Append.Result(rejected.error(), -1, -1, logStartOffset, records, message);
    }

    private void acknowledge(PendingAppend.Ticket ticket) {
        ticket.append.acknowledge(ticket.part);
        replyIfDecided(ticket.append);
    }

    private void refuse(PendingAppend.Ticket ticket, Errors error) {
        decideRefused(ticket, Append.Result.refused(error));
    }

    private void decideRefused(PendingAppend.Ticket ticket, Append.Result result) {
        ticket.append.refuse(ticket.part, result);
        replyIfDecided(ticket.append);
    }

    /** While a request is being taken in it does not wait yet, and {@link #onAppend} answers it. */
    private void replyIfDecided(PendingAppend append) {
        if (append.isDecided() && append.isWaiting()) {
            append.waiting(false);
            deadlines.cancel(append);
            replies.reply(append.call(), append.reply());
        }
    }

    void onExpired(PendingAppend append, long nowMs) {
        append.waiting(false);
        for (PendingAppend.Ticket ticket : append.tickets()) {
            if (ticket != null) {
                step(ticket.partition, new LeaderEvent.Expired<>(ticket), nowMs);
            }
        }
        replies.reply(append.call(), append.reply());
    }

    /** The partitions written to since the last call, now to be synced. */
    List<HostedPartition> takeTouched() {
        List<HostedPartition> mine = new ArrayList<>(touched);
        touched.forEach(HostedPartition::untouch);
        touched.clear();
        return mine;
    }

    /** Answers those who asked for no acknowledgement: their bytes are written, and their buffers free. */
    void answerUnacknowledged() {
        for (PendingAppend append : unacknowledged) {
            replies.reply(append.call(), append.reply());
        }
        unacknowledged.clear();
    }
}
