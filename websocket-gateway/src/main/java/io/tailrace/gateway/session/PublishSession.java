// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import io.tailrace.gateway.session.PublishEvent.Lane;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client publishes, over all its connections: one that comes back sends again what it has had no answer to, and each record is written
 * once, also if the node was killed in between, or is another one.
 *
 * <p>While the node lives it remembers. Beyond that the log does: a session writes as an idempotent producer, whose id its client is told. In each
 * partition (a <em>lane</em>) records are numbered in the order in which the client sent them, and each answer says how far that is. So a client
 * that comes to a node which knows nothing brings the id and the numbers, sends what is unanswered in the old order, and every record gets the number
 * that it had; the log knows which it has seen.
 *
 * <p>That holds as long as <b>what is written of a lane is always the beginning of what the client will send again</b>. So:
 *
 * <ul>
 *   <li>a lane has one batch under way; what comes meanwhile goes with the next;
 *   <li>a batch of which it is not known whether it was written is tried again until it is, and nothing passes it; in a session that was begun
 *       elsewhere that is any that could not be written for the moment;
 *   <li>a record that is refused takes no number. Nothing more is written until the client is known to have heard of it, or else it would count it;
 *   <li>nothing is written with a producer id before the client is known to have heard of that;
 *   <li>a new connection gets nothing written that waited on the old one: it will be sent again;
 *   <li>nor is it answered before it is sent again: a client that got answers in another order would count wrongly.
 * </ul>
 *
 * <p>Pure but for its lock: connections of one client may be on different event loops.
 */
public final class PublishSession {

    /** A batch has no more: well below what topics take by default. */
    private static final long BATCH_BYTES = 256 * 1024;

    /** Partitions that one session can write to. */
    static final int MOST_LANES = 10_000;

    private static final long NONE = -1;

    private final Limits limits;
    private final Map<Lane, State> lanes = new HashMap<>();
    private final Map<Long, Entry> underWay = new HashMap<>();
    private final Map<Long, ServerFrame> answers = new HashMap<>();
    private final Deque<Long> inOrder = new ArrayDeque<>();
    private PublishWindow window;
    private long producerId = NONE;
    private boolean asked;

    /** What the client sends may have been written before this node knew of it. */
    private boolean begunElsewhere;

    /** The log has lost track of the producer: another one is needed when nothing is under way any more. */
    private boolean renewing;

    private long probes;

    /** The probe that has to come back before anything is written; 0 if none. */
    private long awaited;

    private @Nullable Client client;
    private boolean ended;

    private static final class Entry {
        private final long seq;
        private final NewRecord record;

        /** It came by the connection that there is now. */
        private boolean isOfNow = true;

        Entry(long seq, NewRecord record) {
            this.seq = seq;
            this.record = record;
        }
    }

    private static final class State {
        private final Deque<Entry> waiting = new ArrayDeque<>();
        private int sequence;

        /** What is under way; empty if nothing is. */
        private List<Entry> batch = List.of();

        /** An attempt to write it may have done so. */
        private boolean doubtful;

        /** So many records go alone: a batch of them was refused, and each shall have its own answer. */
        private int alone;
    }

    /** The connection on which the client is now; told apart by identity. */
    public interface Client {

        void tell(ServerFrame frame);

        /** @param number comes back with Heard when the client has received what was told before */
        void probe(long number);
    }

    /** One that nobody knows of. */
    public PublishSession(Limits limits) {
        this.limits = limits;
        this.window = new PublishWindow(limits.publishRecords(), limits.publishBytes());
    }

    /** One that was begun elsewhere, as the client tells. */
    PublishSession(Limits limits, long producerId, Collection<PublishReceipt> receipts) {
        this(limits);
        this.producerId = producerId;
        this.begunElsewhere = true;
        for (PublishReceipt receipt : receipts) {
            State state = new State();
            state.sequence = receipt.next();
            lanes.put(new Lane(receipt.topicId(), receipt.partition()), state);
        }
    }

    /**
     * A connection takes the session over; what comes from another one is not heard any more.
     *
     * @param known the producer id that the client names, or -1
     */
    public synchronized List<PublishEffect> connect(Client newest, long known) {
        client = newest;
        awaited = 0;
        window = new PublishWindow(limits.publishRecords(), limits.publishBytes());
        underWay.clear();
        List<PublishEffect> effects = new ArrayList<>();
        for (State state : lanes.values()) {
            state.waiting.clear();
            state.alone = Math.min(state.alone, state.batch.size());
            for (Entry entry : state.batch) {
                entry.isOfNow = false;
                underWay.put(entry.seq, entry);
                window.force(entry.record.bytes());
            }
        }
        if (producerId != NONE && producerId != known) {
            introduce(effects);
        }
        return effects;
    }

    /** The connection is gone, unless another has come. */
    public synchronized void leave(Client gone) {
        if (client == gone) {
            client = null;
        }
    }

    public synchronized Optional<Client> client() {
        return Optional.ofNullable(client);
    }

    /** Nobody came back: nothing is tried any more. */
    synchronized void end() {
        ended = true;
    }

    public synchronized boolean isLeft() {
        return client == null;
    }

    public synchronized boolean belongsTo(Client other) {
        return client == other;
    }

    public synchronized List<PublishEffect> step(PublishEvent event) {
        List<PublishEffect> effects = new ArrayList<>();
        if (ended) {
            return effects;
        }
        switch (event) {
            case PublishEvent.Came it -> come(it, effects);
            case PublishEvent.Refused it -> refuse(it.seq(), it.code(), it.text(), effects);
            case PublishEvent.Given it -> {
                asked = false;
                producerId = it.producerId();
                introduce(effects);
            }
            case PublishEvent.NotGiven it -> {
                asked = false;
                refuseAll(it, effects);
            }
            case PublishEvent.Heard it -> {
                if (awaited != 0 && it.probe() == awaited) {
                    awaited = 0;
                    lanes.forEach((lane, state) -> write(lane, state, effects));
                }
            }
            case PublishEvent.Written it -> written(it, effects);
            case PublishEvent.NotWritten it -> notWritten(it, effects);
            case PublishEvent.OutOfOrder it -> outOfOrder(it, effects);
            case PublishEvent.NotKnown it -> {
                state(it.lane()).doubtful = true;
                effects.add(new PublishEffect.Wait(it.lane()));
            }
            case PublishEvent.Due it -> send(it.lane(), state(it.lane()), effects);
        }
        return effects;
    }

    private State state(Lane lane) {
        State state = lanes.get(lane);
        if (state == null) {
            throw new IllegalStateException("nothing was written to " + lane);
        }
        return state;
    }

    private void come(PublishEvent.Came it, List<PublishEffect> effects) {
        long seq = it.seq();
        ServerFrame answer = answers.get(seq);
        if (answer != null) {
            effects.add(new PublishEffect.Tell(answer));
            return;
        }
        Entry begun = underWay.get(seq);
        if (begun != null) {
            begun.isOfNow = true; // the answer will come
            return;
        }
        State state = lanes.get(it.lane());
        if (state == null && lanes.size() >= MOST_LANES) {
            refuse(seq, ErrorCode.LIMIT, "a session writes to no more than " + MOST_LANES + " partitions", effects);
        } else if (!window.enter(it.record().bytes())) {
            refuse(seq, ErrorCode.PUBLISH_WINDOW, "too much is under way; wait for answers", effects);
        } else {
            State known = state == null ? new State() : state;
            lanes.put(it.lane(), known);
            Entry entry = new Entry(seq, it.record());
            underWay.put(seq, entry);
            known.waiting.add(entry);
            if (producerId == NONE) {
                ask(effects);
            }
            write(it.lane(), known, effects);
        }
    }

    private void ask(List<PublishEffect> effects) {
        if (!asked) {
            asked = true;
            effects.add(new PublishEffect.AskProducer());
        }
    }

    /** Makes the client know the producer id; until then nothing is written with it. */
    private void introduce(List<PublishEffect> effects) {
        effects.add(new PublishEffect.Tell(new ServerFrame.Producer(Long.toString(producerId))));
        probe(effects);
    }

    private void probe(List<PublishEffect> effects) {
        awaited = ++probes;
        effects.add(new PublishEffect.Probe(awaited));
    }

    private void refuse(long seq, ErrorCode code, String text, List<PublishEffect> effects) {
        effects.add(new PublishEffect.Tell(ServerFrame.Failed.ofRecord(seq, code, text)));
        probe(effects);
    }

    private void refuseAll(PublishEvent.NotGiven why, List<PublishEffect> effects) {
        for (State state : lanes.values()) {
            for (Entry entry : state.waiting) {
                done(entry);
                effects.add(new PublishEffect.Tell(ServerFrame.Failed.ofRecord(entry.seq, why.code(), why.text())));
            }
            state.waiting.clear();
        }
        probe(effects);
    }

    private void done(Entry entry) {
        underWay.remove(entry.seq);
        window.leave(entry.record.bytes());
    }

    /** What waits, if it may go. */
    private void write(Lane lane, State state, List<PublishEffect> effects) {
        if (producerId == NONE || renewing || awaited != 0 || !state.batch.isEmpty() || state.waiting.isEmpty()) {
            return;
        }
        List<Entry> batch = new ArrayList<>();
        long bytes = 0;
        do {
            Entry entry = state.waiting.remove();
            batch.add(entry);
            bytes += entry.record.bytes();
        } while (state.alone == 0
                && !state.waiting.isEmpty()
                && bytes + state.waiting.element().record.bytes() <= BATCH_BYTES);
        state.batch = batch;
        send(lane, state, effects);
    }

    private void send(Lane lane, State state, List<PublishEffect> effects) {
        List<NewRecord> records =
                state.batch.stream().map(entry -> entry.record).toList();
        effects.add(new PublishEffect.Write(lane, producerId, state.sequence, records));
    }

    private void written(PublishEvent.Written it, List<PublishEffect> effects) {
        Lane lane = it.lane();
        State state = state(lane);
        for (int i = 0; i < state.batch.size(); i++) {
            Entry entry = state.batch.get(i);
            PublishReceipt receipt =
                    new PublishReceipt(lane.topicId(), lane.partition(), PublishReceipt.after(state.sequence, i));
            ServerFrame answer = new ServerFrame.Published(
                    entry.seq, lane.partition(), it.offset() < 0 ? -1 : it.offset() + i, receipt.text());
            done(entry);
            remember(entry.seq, answer);
            if (entry.isOfNow) {
                effects.add(new PublishEffect.Tell(answer));
            }
        }
        state.sequence = PublishReceipt.after(state.sequence, state.batch.size());
        state.alone = Math.max(0, state.alone - state.batch.size());
        settle(lane, state, effects);
    }

    /** A client can have no more without an answer than the window lets it, on this connection and the one before. */
    private void remember(long seq, ServerFrame answer) {
        answers.put(seq, answer);
        inOrder.add(seq);
        while (inOrder.size() > 2 * limits.publishRecords()) {
            answers.remove(inOrder.remove());
        }
    }

    private void notWritten(PublishEvent.NotWritten it, List<PublishEffect> effects) {
        State state = state(it.lane());
        boolean doubtful = state.doubtful || begunElsewhere && it.code().retriable();
        if (doubtful && it.code() != ErrorCode.UNKNOWN_TOPIC) {
            effects.add(new PublishEffect.Wait(it.lane())); // not by this attempt; by one before it may have been
        } else if (!oneByOne(it.lane(), state, effects)) {
            for (Entry entry : state.batch) {
                done(entry);
                refuse(entry.seq, it.code(), it.text(), effects);
            }
            state.alone = Math.max(0, state.alone - 1);
            settle(it.lane(), state, effects);
        }
    }

    /** Several records that were not written are tried alone; none of those that will be sent again. @return false for one record, if it will not */
    private boolean oneByOne(Lane lane, State state, List<PublishEffect> effects) {
        List<Entry> batch = state.batch;
        if (batch.size() == 1 && batch.get(0).isOfNow) {
            return false;
        }
        state.alone = Math.max(state.alone, batch.size());
        for (int i = batch.size() - 1; i >= 0; i--) {
            if (batch.get(i).isOfNow) {
                state.waiting.addFirst(batch.get(i));
            } else {
                done(batch.get(i));
            }
        }
        settle(lane, state, effects);
        return true;
    }

    /**
     * Of several records some may be there: they are tried alone. That of one is in doubt for good, as the log has forgotten the producer, or lost
     * what it wrote.
     */
    private void outOfOrder(PublishEvent.OutOfOrder it, List<PublishEffect> effects) {
        State state = state(it.lane());
        if (oneByOne(it.lane(), state, effects)) {
            return;
        }
        for (Entry entry : state.batch) {
            done(entry);
            refuse(entry.seq, ErrorCode.UNKNOWN, "the log does not know this session any more", effects);
        }
        renewing = true;
        settle(it.lane(), state, effects);
    }

    private void settle(Lane lane, State state, List<PublishEffect> effects) {
        state.batch = List.of();
        state.doubtful = false;
        if (renewing && lanes.values().stream().allMatch(each -> each.batch.isEmpty())) {
            renewing = false;
            producerId = NONE;
            lanes.values().forEach(each -> each.sequence = 0);
            ask(effects);
        }
        write(lane, state, effects);
    }
}
