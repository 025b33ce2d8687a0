// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import io.tailrace.cluster.machine.Machine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a coordinator topic as a replicated state machine.
 *
 * <p><b>How a request becomes truth.</b> A request makes records. Each is applied to the state as it is made, so that the next request
 * decides on top of it, and queued for the log. One append is under way at a time; what is decided meanwhile goes out together with the
 * next one, which is group commit without a timer. An answer waits until everything that was queued before it is below the high
 * watermark, so that nobody ever hears of state that could be taken back, reads included.
 *
 * <p><b>When the log refuses.</b> If the error proves that nothing was written, the {@link Journal} takes the batch and all that was built
 * on it back, and whoever waits hears the error. If nothing is known (a timeout, a lost leader), the state is thrown away and read anew
 * from the log, the only authority. Kafka keeps versioned collections for every offset in flight instead; with one append in flight an undo
 * journal of that append is enough, and it costs nothing to read. Waiting for the log before applying, the third choice, would let a group
 * make one step for each round trip.
 *
 * <pre>
 *   state     entered by                         requests are answered
 *   Absent    start, Resigned                    NOT_COORDINATOR
 *   Loading   Elected, an append of unknown fate COORDINATOR_LOAD_IN_PROGRESS
 *   Active    LoadFinished                       by the {@link CoordinatorState}
 *   Broken    LoadFailed; loads again by timer   COORDINATOR_LOAD_IN_PROGRESS
 * </pre>
 *
 * <p><b>Bounds.</b> Queued bytes and open requests are limited; beyond, requests are told COORDINATOR_LOAD_IN_PROGRESS, on which every
 * client backs off and asks here again.
 *
 * @param <Q> requests
 * @param <A> answers
 * @param <F> follow-ups
 */
public final class PartitionCoordinator<Q, A, F> implements Machine<CoordinatorEvent<Q>, CoordinatorEffect<A>> {

    /**
     * Limits.
     *
     * @param maxBatchBytes of one append; not above {@code max.message.bytes} of the topic
     * @param maxQueuedBytes of records that wait for the append under way
     * @param maxOpenRequests that wait for an answer
     * @param reloadDelayMs after a load that failed
     */
    public record Limits(int maxBatchBytes, long maxQueuedBytes, int maxOpenRequests, long reloadDelayMs) {
        public static final Limits DEFAULT = new Limits(1_000_000, 64L << 20, 100_000, 100);
    }

    enum Phase {
        ABSENT,
        LOADING,
        ACTIVE,
        BROKEN
    }

    private final Limits limits;
    private final CoordinatorRecordCodec codec;
    private final Function<Journal, ? extends CoordinatorState<Q, A, F>> newState;

    private Phase phase = Phase.ABSENT;
    private int leaderEpoch = -1;
    private long loadId;
    private long reloadAtMs = Long.MAX_VALUE;
    private long wakeAtMs = Long.MAX_VALUE;
    private @Nullable CoordinatorState<Q, A, F> state;
    private Journal journal = new Journal();
    private Timers timers = new Timers();
    private WriteQueue<A, F> queue;
    private final Set<Long> openTickets = new HashSet<>();

    public PartitionCoordinator(
            Limits limits,
            CoordinatorRecordCodec codec,
            Function<Journal, ? extends CoordinatorState<Q, A, F>> newState) {
        this.limits = limits;
        this.codec = codec;
        this.newState = newState;
        this.queue = new WriteQueue<>(limits.maxBatchBytes(), 0);
    }

    /** Whether requests reach the state. */
    public boolean active() {
        return phase == Phase.ACTIVE;
    }

    /** The state, for metrics and tests; null unless loading or active. */
    public @Nullable CoordinatorState<Q, A, F> state() {
        return state;
    }

    /** Requests without an answer yet. */
    public int openRequests() {
        return openTickets.size();
    }

    @Override
    public List<CoordinatorEffect<A>> step(CoordinatorEvent<Q> event, long nowMs) {
        List<CoordinatorEffect<A>> effects = new ArrayList<>();
        switch (event) {
            case CoordinatorEvent.Elected<Q> elected -> onElected(elected.leaderEpoch(), effects);
            case CoordinatorEvent.Resigned<Q> resigned -> onResigned(resigned.leaderEpoch(), effects);
            case CoordinatorEvent.Replayed<Q> replayed -> onReplayed(replayed);
            case CoordinatorEvent.LoadFinished<Q> finished -> onLoadFinished(finished.loadId(), nowMs, effects);
            case CoordinatorEvent.LoadFailed<Q> failed -> onLoadFailed(failed.loadId(), nowMs);
            case CoordinatorEvent.Requested<Q> requested -> onRequested(requested, nowMs, effects);
            case CoordinatorEvent.Abandoned<Q> abandoned -> openTickets.remove(abandoned.ticket());
            case CoordinatorEvent.Appended<Q> appended -> onAppended(appended.batchId(), nowMs, effects);
            case CoordinatorEvent.AppendFailed<Q> failed ->
                onAppendFailed(failed.batchId(), failed.error(), nowMs, effects);
            case CoordinatorEvent.Woken<Q> woken -> onWoken(nowMs, effects);
        }
        flush(effects);
        scheduleWake(nowMs, effects);
        return effects;
    }

    private void onElected(int epoch, List<CoordinatorEffect<A>> effects) {
        if (epoch <= leaderEpoch) {
            return;
        }
        refuseAll(Errors.NOT_COORDINATOR, effects);
        leaderEpoch = epoch;
        load(effects);
    }

    private void onResigned(int epoch, List<CoordinatorEffect<A>> effects) {
        if (epoch < leaderEpoch || phase == Phase.ABSENT) {
            return;
        }
        leaderEpoch = epoch;
        refuseAll(Errors.NOT_COORDINATOR, effects);
        phase = Phase.ABSENT;
        forgetState();
    }

    private void load(List<CoordinatorEffect<A>> effects) {
        forgetState();
        phase = Phase.LOADING;
        state = newState.apply(journal);
        effects.add(new CoordinatorEffect.Load<>(++loadId, leaderEpoch));
    }

    private void forgetState() {
        state = null;
        journal = new Journal();
        timers = new Timers();
        queue = new WriteQueue<>(limits.maxBatchBytes(), queue.nextBatchId());
        reloadAtMs = Long.MAX_VALUE;
        wakeAtMs = Long.MAX_VALUE;
        loadId++;
    }

    private void onReplayed(CoordinatorEvent.Replayed<Q> replayed) {
        if (phase != Phase.LOADING || replayed.loadId() != loadId || state == null) {
            return;
        }
        for (CoordinatorEvent.Entry entry : replayed.entries()) {
            switch (entry) {
                case CoordinatorEvent.Stored stored -> state.apply(stored.record(), stored.producerId());
                case CoordinatorEvent.Marked marked ->
                    state.applyMarker(marked.producerId(), marked.producerEpoch(), marked.committed());
            }
        }
    }

    private void onLoadFinished(long id, long nowMs, List<CoordinatorEffect<A>> effects) {
        if (phase == Phase.LOADING && id == loadId) {
            phase = Phase.ACTIVE;
            journal.startRecording();
            turn(nowMs, effects, CoordinatorState::onLoaded);
        }
    }

    private void onLoadFailed(long id, long nowMs) {
        if (phase == Phase.LOADING && id == loadId) {
            forgetState();
            phase = Phase.BROKEN;
            reloadAtMs = nowMs + limits.reloadDelayMs();
        }
    }

    private void onRequested(CoordinatorEvent.Requested<Q> requested, long nowMs, List<CoordinatorEffect<A>> effects) {
        long ticket = requested.ticket();
        Errors refusal = refusal();
        if (refusal != Errors.NONE) {
            effects.add(new CoordinatorEffect.Refuse<>(ticket, refusal));
            return;
        }
        openTickets.add(ticket);
        turn(nowMs, effects, (coordinator, turn) -> coordinator.decide(requested.request(), ticket, turn));
    }

    private Errors refusal() {
        return switch (phase) {
            case ABSENT -> Errors.NOT_COORDINATOR;
            case LOADING, BROKEN -> Errors.COORDINATOR_LOAD_IN_PROGRESS;
            case ACTIVE ->
                queue.queuedBytes() > limits.maxQueuedBytes() || openTickets.size() >= limits.maxOpenRequests()
                        ? Errors.COORDINATOR_LOAD_IN_PROGRESS
                        : Errors.NONE;
        };
    }

    private void onAppended(long batchId, long nowMs, List<CoordinatorEffect<A>> effects) {
        WriteQueue.Unit<A, F> unit = queue.settle(batchId);
        if (unit == null) {
            return;
        }
        journal.forgetBefore(unit.journalEnd());
        unit.replies().forEach(reply -> answer(reply, effects));
        for (F followUp : unit.followUps()) {
            turn(nowMs, effects, (coordinator, turn) -> coordinator.onDurable(followUp, turn));
        }
    }

    private void onAppendFailed(long batchId, Errors error, long nowMs, List<CoordinatorEffect<A>> effects) {
        WriteQueue.Unit<A, F> unit = queue.settle(batchId);
        if (unit == null) {
            return;
        }
        Errors told = AppendErrors.forClient(error);
        if (!AppendErrors.provesNothingWritten(error)) {
            refuseAll(told, effects);
            load(effects);
            return;
        }
        List<F> followUps = new ArrayList<>(unit.followUps());
        queue.drain().forEach(later -> followUps.addAll(later.followUps()));
        journal.rollBackTo(unit.journalStart());
        // Whoever waits, in this batch or for anything else, decided or was parked on state that is gone.
        refuseAll(told, effects);
        followUps.forEach(
                followUp -> turn(nowMs, effects, (coordinator, turn) -> coordinator.onRefused(followUp, told, turn)));
    }

    private void onWoken(long nowMs, List<CoordinatorEffect<A>> effects) {
        wakeAtMs = Long.MAX_VALUE;
        if (phase == Phase.BROKEN && nowMs >= reloadAtMs) {
            load(effects);
            return;
        }
        while (phase == Phase.ACTIVE) {
            TimerKey due = timers.pollDue(nowMs);
            if (due == null) {
                return;
            }
            turn(nowMs, effects, (coordinator, turn) -> coordinator.onTimer(due, turn));
        }
    }

    private void refuseAll(Errors error, List<CoordinatorEffect<A>> effects) {
        // In the order in which they came, so that a run can be repeated.
        new TreeSet<>(openTickets).forEach(ticket -> effects.add(new CoordinatorEffect.Refuse<>(ticket, error)));
        openTickets.clear();
    }

    private void answer(WriteQueue.HeldReply<A> reply, List<CoordinatorEffect<A>> effects) {
        if (openTickets.remove(reply.ticket())) {
            effects.add(new CoordinatorEffect.Reply<>(reply.ticket(), reply.answer()));
        }
    }

    private interface Step<Q, A, F> {
        void run(CoordinatorState<Q, A, F> state, Turn<A, F> turn);
    }

    private void turn(long nowMs, List<CoordinatorEffect<A>> effects, Step<Q, A, F> step) {
        if (phase != Phase.ACTIVE || state == null) {
            return;
        }
        OpenTurn turn = new OpenTurn(state, nowMs, effects);
        step.run(state, turn);
        turn.close();
    }

    private void flush(List<CoordinatorEffect<A>> effects) {
        WriteQueue.Unit<A, F> next = queue.startNext();
        if (next != null) {
            effects.add(new CoordinatorEffect.Append<>(next.id(), leaderEpoch, next.batch()));
        }
    }

    private void scheduleWake(long nowMs, List<CoordinatorEffect<A>> effects) {
        long next = Math.max(nowMs, Math.min(reloadAtMs, timers.nextWakeMs()));
        if (next < wakeAtMs && next != Long.MAX_VALUE) {
            wakeAtMs = next;
            effects.add(new CoordinatorEffect.WakeAt<>(next));
        }
    }

    /** The {@link Turn} of one call into the state; collects its records and hands them to the queue as one unit when it closes. */
    private final class OpenTurn implements Turn<A, F> {

        private final CoordinatorState<Q, A, F> owner;
        private final long nowMs;
        private final List<CoordinatorEffect<A>> effects;
        private final List<EncodedRecord> records = new ArrayList<>();
        private final List<WriteQueue.HeldReply<A>> replies = new ArrayList<>();
        private final List<F> followUps = new ArrayList<>();
        private long producerId = Batch.NO_PRODUCER_ID;
        private short producerEpoch = Batch.NO_PRODUCER_EPOCH;
        private long journalStart = journal.mark();

        OpenTurn(CoordinatorState<Q, A, F> owner, long nowMs, List<CoordinatorEffect<A>> effects) {
            this.owner = owner;
            this.nowMs = nowMs;
            this.effects = effects;
        }

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public void persist(CoordinatorRecord record) {
            persistTransactional(Batch.NO_PRODUCER_ID, Batch.NO_PRODUCER_EPOCH, record);
        }

        @Override
        public void persistTransactional(long producer, short epoch, CoordinatorRecord record) {
            if (producer != producerId) {
                divide();
                producerId = producer;
                producerEpoch = epoch;
            }
            records.add(codec.encode(record));
            owner.apply(record, producer);
        }

        @Override
        public void writeMarker(long producer, short epoch, int coordinatorEpoch, boolean committed) {
            divide();
            owner.applyMarker(producer, epoch, committed);
            queue.addMarker(
                    new Batch.Marker(producer, epoch, coordinatorEpoch, nowMs, committed),
                    journalStart,
                    journal.mark());
            journalStart = journal.mark();
        }

        @Override
        public void divide() {
            if (records.isEmpty()) {
                return;
            }
            boolean fits = queue.addRecords(
                    new Batch.Records(producerId, producerEpoch, nowMs, records), journalStart, journal.mark());
            if (fits) {
                queue.holdLast(replies, followUps);
            } else {
                refuseOversize();
            }
            records.clear();
            replies.clear();
            followUps.clear();
            journalStart = journal.mark();
        }

        private void refuseOversize() {
            journal.rollBackTo(journalStart);
            for (WriteQueue.HeldReply<A> reply : replies) {
                refuse(reply.ticket(), Errors.UNKNOWN_SERVER_ERROR);
            }
            for (F followUp : List.copyOf(followUps)) {
                turn(
                        nowMs,
                        effects,
                        (coordinator, turn) -> coordinator.onRefused(followUp, Errors.UNKNOWN_SERVER_ERROR, turn));
            }
        }

        @Override
        public void reply(long ticket, A answer) {
            replies.add(new WriteQueue.HeldReply<>(ticket, answer));
        }

        @Override
        public void replyNow(long ticket, A answer) {
            answer(new WriteQueue.HeldReply<>(ticket, answer), effects);
        }

        @Override
        public void refuse(long ticket, Errors error) {
            if (openTickets.remove(ticket)) {
                effects.add(new CoordinatorEffect.Refuse<>(ticket, error));
            }
        }

        @Override
        public void followUp(F followUp) {
            followUps.add(followUp);
        }

        @Override
        public void setTimer(TimerKey key, long atMs) {
            timers.set(key, atMs);
        }

        @Override
        public void cancelTimer(TimerKey key) {
            timers.cancel(key);
        }

        void close() {
            divide();
            if (replies.isEmpty() && followUps.isEmpty()) {
                return;
            }
            if (queue.idle()) {
                replies.forEach(reply -> answer(reply, effects));
                followUps.forEach(
                        followUp -> turn(nowMs, effects, (coordinator, turn) -> coordinator.onDurable(followUp, turn)));
            } else {
                queue.holdLast(replies, followUps);
            }
        }
    }
}
