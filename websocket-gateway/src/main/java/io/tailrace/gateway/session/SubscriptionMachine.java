// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import io.tailrace.cluster.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to some partitions of a topic: what to read, what to send, what to tell.
 *
 * <p>A subscriber is nothing but a position in each partition and some credit. Records are read because there is credit for them and the socket
 * takes them, and for no other reason; whoever grants nothing costs a few words of memory, lags in the log, and goes on from there later.
 * Nothing waits in a queue, so nothing is ever dropped.
 *
 * <pre>
 *               Opened                    credit, socket ready              at the end of the log
 *  (new) ──────────────► LOCATING ──► WAITING ──────────────► READING ─────────────────────► TAILING
 *                            │           ▲ ▲                     │ found, more to come           │
 *                            │           │ └─────────────────────┘                               │
 *                            │           └──────────── no credit for a chunk, or missed it ──────┘
 *                            └── unavailable ──► RETRYING ──► where it came from
 * </pre>
 *
 * <p><b>The seam between replay and live</b> needs no care, as there is none: TAILING means that the shared read happens to begin where this
 * subscription stands, and from then on tells it of what it wants and of nothing else. A chunk is taken only if it begins at the position, or
 * further on where there was nothing for this subscription, and is covered whole by the credit; otherwise the subscription reads for itself,
 * from the very same position. So each record comes once, in order, whichever way it came.
 *
 * <p><b>Each partition goes on by itself.</b> One that cannot be read is reported and tried again, while the others flow. Reads take turns and
 * share the credit.
 *
 * <p><b>Sampling.</b> A subscriber that does not want to hear so often is at the end like others; what comes there is left alone until it is time,
 * and then read together.
 *
 * <p><b>Gaps are told</b>, never passed over in silence: what retention deleted, what a new leader never had, a topic made anew. Offsets that
 * compaction, markers and aborted transactions leave empty are no gaps.
 *
 * <p>Owned by one event loop. Ignores what comes after it was closed.
 *
 * @param <B> the encoded records, which the machine only hands on
 */
public final class SubscriptionMachine<B> implements Machine<SubscriptionEvent<B>, SubscriptionEffect<B>> {

    /** Most of one read: what a socket should be given in one piece before others have their turn. */
    public static final int READ_RECORDS = 1_000;

    /** As {@link #READ_RECORDS}, in bytes. A single record may be larger. */
    public static final int READ_BYTES = 64 * 1024;

    /** How many partitions of one subscription are read at a time; with {@link #READ_BYTES} a bound of the memory it takes. */
    static final int PARALLEL_READS = 4;

    private enum Phase {
        LOCATING,
        WAITING,
        READING,
        TAILING,
        PAUSING,
        RETRYING
    }

    private static final class Place {
        private final int partition;
        private final Start start;
        private Phase phase = Phase.LOCATING;
        private @Nullable Position position;
        private Credit.@Nullable Grant grant;
        private @Nullable PartitionState told;
        private int failures;

        /** When it was last up to date. */
        private long currentMs;

        /** Not wanted any more, but a question is under way. */
        private boolean removed;

        /** Wanted again since it was removed. */
        private @Nullable Start again;

        /** Added when the subscription was open already: nobody waits to hear where it begins. */
        private final boolean late;

        Place(int partition, Start start, boolean late) {
            this.partition = partition;
            this.start = start;
            this.late = late;
        }
    }

    private final Credit credit;
    private final long everyMs;
    private final Map<Integer, Place> places = new TreeMap<>();
    private final List<Place> turns = new ArrayList<>();

    /** What this step has decided so far; null for nothing, as most subscriptions are long idle and should not keep lists. */
    private @Nullable List<SubscriptionEffect<B>> effects;

    /** The one that was last looked for: most often, the next event is of the same partition. */
    private @Nullable Place recent;

    /** What is to be told once the subscription is open. */
    private List<SubscriptionEffect<B>> early = new ArrayList<>();

    private int turn;
    private int unanswered;
    private int waiting;
    private int reading;
    private boolean opened;
    private boolean writable = true;
    private boolean closed;
    private long nowMs;

    /** One that sees every record at once. */
    public SubscriptionMachine(Credit credit) {
        this(credit, Pace.ALL);
    }

    /** @param pace only its time is looked at; who reads leaves out what is not wanted */
    public SubscriptionMachine(Credit credit, Pace pace) {
        this.credit = credit;
        this.everyMs = pace.everyMs();
    }

    /** Where this subscription stands, by partition; without those whose start is not known yet. */
    public Map<Integer, Position> positions() {
        Map<Integer, Position> known = new TreeMap<>();
        places.forEach((partition, place) -> {
            if (place.position != null) {
                known.put(partition, place.position);
            }
        });
        return known;
    }

    public Credit credit() {
        return credit;
    }

    @Override
    public List<SubscriptionEffect<B>> step(SubscriptionEvent<B> event, long nowMs) {
        if (closed) {
            return List.of();
        }
        this.nowMs = nowMs;
        switch (event) {
            case SubscriptionEvent.Opened<B> it -> onOpened(it.starts());
            case SubscriptionEvent.PartitionsAdded<B> it -> onAdded(it.starts());
            case SubscriptionEvent.PartitionsRemoved<B> it -> it.partitions().forEach(this::onRemoved);
            case SubscriptionEvent.Located<B> it -> onLocated(place(it.partition()), it.position());
            case SubscriptionEvent.NotLocated<B> it -> onNotLocated(place(it.partition()), it.why());
            case SubscriptionEvent.ReadDone<B> it -> onReadDone(place(it.partition()), it.outcome());
            case SubscriptionEvent.TailArrived<B> it -> onTailArrived(place(it.partition()), it.chunk());
            case SubscriptionEvent.TailMissed<B> it -> onTailMissed(place(it.partition()), it.served());
            case SubscriptionEvent.CreditAdded<B> it -> credit.add(it.records(), it.bytes());
            case SubscriptionEvent.SocketFilled<B> it -> writable = false;
            case SubscriptionEvent.SocketDrained<B> it -> writable = true;
            case SubscriptionEvent.RetryDue<B> it -> {
                if (places.containsKey(it.partition())) {
                    onRetryDue(place(it.partition()));
                }
            }
            case SubscriptionEvent.PauseOver<B> it -> {
                Place place = places.get(it.partition());
                if (place != null && place.phase == Phase.PAUSING) {
                    phase(place, Phase.WAITING);
                }
            }
            case SubscriptionEvent.Closed<B> it -> onClosed();
        }
        readOn();
        List<SubscriptionEffect<B>> decided = effects;
        effects = null;
        return decided == null ? List.of() : decided;
    }

    private void decide(SubscriptionEffect<B> effect) {
        List<SubscriptionEffect<B>> decided = effects;
        if (decided == null) {
            decided = new ArrayList<>(2);
            effects = decided;
        }
        decided.add(effect);
    }

    private void onOpened(Map<Integer, Start> starts) {
        new TreeMap<>(starts).forEach(this::add);
        openIfAnswered();
    }

    private void onAdded(Map<Integer, Start> starts) {
        new TreeMap<>(starts).forEach((partition, start) -> {
            Place place = places.get(partition);
            if (place == null) {
                add(partition, start);
            } else if (place.removed) {
                place.again = start;
            }
        });
    }

    /** A question that is under way is waited for, so that its answer is never taken for that of a later one. */
    private void onRemoved(int partition) {
        Place place = places.get(partition);
        if (place == null) {
            return;
        }
        place.again = null;
        if (place.phase == Phase.READING || place.phase == Phase.LOCATING) {
            place.removed = true;
        } else {
            if (place.phase == Phase.TAILING) {
                decide(new SubscriptionEffect.LeaveTail<>(partition));
            }
            drop(place);
        }
    }

    private void drop(Place place) {
        phase(place, Phase.LOCATING);
        places.remove(place.partition);
        recent = null;
        turns.remove(place);
        turn = 0;
        if (place.again != null) {
            add(place.partition, place.again);
        }
    }

    private void add(int partition, Start start) {
        Place place = new Place(partition, start, opened);
        places.put(partition, place);
        turns.add(place);
        unanswered += place.late ? 0 : 1;
        decide(new SubscriptionEffect.Locate<>(partition, start));
    }

    private void onLocated(Place place, Position position) {
        boolean first = place.failures == 0 && !place.late;
        if (place.removed) {
            drop(place);
            answered(first);
            return;
        }
        place.failures = 0;
        place.position = position;
        phase(place, Phase.WAITING);
        answered(first);
        if (place.late) {
            decide(new SubscriptionEffect.TellAdded<>(place.partition, position));
        }
        if (place.start instanceof Start.AfterReplacement replaced) {
            gap(place, replaced.lost().offset(), position.offset(), GapReason.REPLACED);
        }
    }

    private void onNotLocated(Place place, ReadOutcome<B> why) {
        boolean first = place.failures == 0 && !place.late;
        if (why instanceof ReadOutcome.Gone<B>) {
            end();
        } else if (place.removed) {
            drop(place);
            answered(first);
        } else {
            retry(place);
            answered(first);
        }
    }

    /** The subscriber is told where it stands as soon as every partition has said something, be it that it cannot say. */
    private void answered(boolean first) {
        if (first) {
            unanswered--;
            openIfAnswered();
        }
    }

    private void openIfAnswered() {
        if (unanswered == 0 && !opened) {
            opened = true;
            decide(new SubscriptionEffect.TellOpened<>());
            early.forEach(this::decide);
            early = List.of();
        }
    }

    private void tell(SubscriptionEffect<B> effect) {
        if (opened) {
            decide(effect);
        } else {
            early.add(effect);
        }
    }

    private void onReadDone(Place place, ReadOutcome<B> outcome) {
        Credit.Grant grant = place.grant;
        Position position = place.position;
        if (place.phase != Phase.READING || grant == null || position == null) {
            return;
        }
        place.grant = null;
        phase(place, Phase.WAITING);
        reading--;
        if (outcome instanceof ReadOutcome.Found<B> found) {
            int sent = place.removed ? 0 : found.chunk().recordCount();
            credit.settle(grant, sent, place.removed ? 0 : found.chunk().bytes());
        } else {
            credit.settle(grant, 0, 0);
        }
        if (place.removed && !(outcome instanceof ReadOutcome.Gone<B>)) {
            drop(place);
            return;
        }
        switch (outcome) {
            case ReadOutcome.Found<B> found -> onFound(place, position, found);
            case ReadOutcome.AtEnd<B> it -> join(place, position);
            case ReadOutcome.OutOfRange<B> range -> onOutOfRange(place, position, range);
            case ReadOutcome.Diverged<B> it -> {
                long end = Math.min(it.endOffset(), position.offset());
                place.position = new Position(end, it.leaderEpoch());
                gap(place, position.offset(), end, GapReason.TRUNCATION);
            }
            case ReadOutcome.Unavailable<B> it -> retry(place);
            case ReadOutcome.Gone<B> it -> end();
            case ReadOutcome.Skipped<B> it -> {}
        }
    }

    private void onFound(Place place, Position position, ReadOutcome.Found<B> found) {
        Chunk<B> chunk = found.chunk();
        if (chunk.next().offset() <= position.offset()) {
            retry(place); // nothing was gained; to ask again at once would go round for ever
            return;
        }
        place.failures = 0;
        take(place, chunk);
        if (chunk.next().offset() >= found.visibleEnd()) {
            join(place, chunk.next());
        } else {
            state(place, PartitionState.CATCHING_UP);
        }
    }

    private void onOutOfRange(Place place, Position position, ReadOutcome.OutOfRange<B> range) {
        if (position.offset() < range.logStartOffset()) {
            place.position = Position.at(range.logStartOffset());
            gap(place, position.offset(), range.logStartOffset(), GapReason.RETENTION);
        } else if (range.endOffset() >= 0 && position.offset() > range.endOffset()) {
            place.position = Position.at(range.endOffset());
            gap(place, position.offset(), range.endOffset(), GapReason.TRUNCATION);
        } else {
            retry(place); // the log has changed since
        }
    }

    private void onTailArrived(Place place, Chunk<B> chunk) {
        if (place.phase != Phase.TAILING) {
            return;
        }
        if (place.position == null || chunk.next().offset() <= place.position.offset()) {
            return; // it was read before joining
        }
        boolean continues = moveOn(place, chunk.from());
        if (everyMs > 0 && !chunk.isEmpty()) {
            decide(new SubscriptionEffect.LeaveTail<>(place.partition));
            pause(place);
        } else if (continues && (chunk.isEmpty() || (writable && credit.covers(chunk.recordCount(), chunk.bytes())))) {
            credit.spend(chunk.recordCount(), chunk.bytes());
            take(place, chunk);
        } else {
            decide(new SubscriptionEffect.LeaveTail<>(place.partition));
            phase(place, Phase.WAITING);
        }
    }

    private void take(Place place, Chunk<B> chunk) {
        place.position = chunk.next();
        if (!chunk.isEmpty()) {
            decide(new SubscriptionEffect.Deliver<>(place.partition, chunk));
        }
    }

    /** There is something new. It is read, and all that comes until then, when it is time. */
    private void pause(Place place) {
        long leftMs = place.currentMs + everyMs - nowMs;
        if (leftMs > 0) {
            phase(place, Phase.PAUSING);
            decide(new SubscriptionEffect.Pause<>(place.partition, Math.min(leftMs, everyMs)));
        } else {
            phase(place, Phase.WAITING);
        }
    }

    private void join(Place place, Position position) {
        place.failures = 0;
        place.currentMs = nowMs;
        phase(place, Phase.TAILING);
        state(place, PartitionState.LIVE);
        decide(new SubscriptionEffect.JoinTail<>(place.partition, position));
    }

    private void onTailMissed(Place place, Position served) {
        if (place.phase == Phase.TAILING) {
            moveOn(place, served);
            phase(place, Phase.WAITING);
        }
    }

    /** The shared read was there for this subscription up to {@code served}. False if the subscription is past that already. */
    private static boolean moveOn(Place place, Position served) {
        if (place.position == null || place.position.offset() > served.offset()) {
            return false;
        }
        if (place.position.offset() < served.offset()) {
            place.position = served;
        }
        return true;
    }

    private void phase(Place place, Phase next) {
        waiting += (next == Phase.WAITING ? 1 : 0) - (place.phase == Phase.WAITING ? 1 : 0);
        place.phase = next;
    }

    private void retry(Place place) {
        phase(place, Phase.RETRYING);
        place.failures++;
        state(place, PartitionState.OFFLINE);
        decide(new SubscriptionEffect.RetryLater<>(place.partition, place.failures));
    }

    private void onRetryDue(Place place) {
        if (place.phase == Phase.RETRYING) {
            if (place.position == null) {
                phase(place, Phase.LOCATING);
                decide(new SubscriptionEffect.Locate<>(place.partition, place.start));
            } else {
                phase(place, Phase.WAITING);
            }
        }
    }

    private void end() {
        onClosed();
        decide(new SubscriptionEffect.EndAsGone<>());
    }

    private void onClosed() {
        closed = true;
        for (Place place : places.values()) {
            if (place.phase == Phase.TAILING) {
                decide(new SubscriptionEffect.LeaveTail<>(place.partition));
            }
        }
    }

    private void gap(Place place, long fromOffset, long toOffset, GapReason reason) {
        tell(new SubscriptionEffect.TellGap<>(place.partition, fromOffset, toOffset, reason));
    }

    private void state(Place place, PartitionState state) {
        if (place.told != state) {
            place.told = state;
            tell(new SubscriptionEffect.TellState<>(place.partition, state));
        }
    }

    /** Starts what reads there is credit for, each partition in its turn. */
    private void readOn() {
        if (waiting == 0 || closed || !opened || !writable || !credit.isLeft()) {
            return;
        }
        for (int i = turns.size(); i > 0 && waiting > 0 && reading < PARALLEL_READS && credit.isLeft(); i--) {
            Place place = turns.get(turn);
            turn = (turn + 1) % turns.size();
            if (place.phase == Phase.WAITING && place.position != null) {
                Credit.Grant grant = credit.reserve(READ_RECORDS, READ_BYTES, waiting);
                place.grant = grant;
                phase(place, Phase.READING);
                reading++;
                decide(new SubscriptionEffect.ReadAt<>(place.partition, place.position, grant));
            }
        }
    }

    private Place place(int partition) {
        Place last = recent;
        if (last != null && last.partition == partition) {
            return last;
        }
        Place place = places.get(partition);
        if (place == null) {
            throw new IllegalArgumentException("partition " + partition + " is not subscribed to");
        }
        recent = place;
        return place;
    }
}
