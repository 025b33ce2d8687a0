// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.stream;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.log.LogReads;
import io.tailrace.gateway.log.TailMember;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ReadOutcome;
import io.tailrace.gateway.session.Start;
import io.tailrace.gateway.session.SubscriptionEffect;
import io.tailrace.gateway.session.SubscriptionEvent;
import io.tailrace.gateway.session.SubscriptionMachine;
import io.tailrace.gateway.wire.View;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Does what a {@link SubscriptionMachine} decides.
 *
 * <p>Effects that bring an answer at once would call the machine while it is being obeyed; so events wait until the effects of the one before
 * are done.
 */
public final class SubscriptionHost implements TailMember {

    private static final long RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 5_000;

    private final Loop loop;
    private final TopicImage topic;
    private final View view;
    private final LogReads.Form form;
    private final Outlet outlet;
    private final SubscriptionMachine<Buffer> machine;

    /** What happened while effects were obeyed; null for nothing. */
    private @Nullable Deque<SubscriptionEvent<Buffer>> events;

    private boolean running;
    private boolean opened;
    private boolean left;
    private int partitions;

    /** One that wants every record at once. */
    public SubscriptionHost(Loop loop, TopicImage topic, View view, Credit credit, Outlet outlet) {
        this(loop, topic, view, Pace.ALL, credit, outlet);
    }

    public SubscriptionHost(Loop loop, TopicImage topic, View view, Pace pace, Credit credit, Outlet outlet) {
        this.loop = loop;
        this.topic = topic;
        this.view = view;
        this.outlet = outlet;
        this.form = new LogReads.Form(view, pace.latestPerKey());
        this.machine = new SubscriptionMachine<>(credit, pace);
    }

    /** Has partitions that are added to the topic read as well, from their beginning; before {@link #open}. */
    public void follow() {
        partitions = topic.partitions().size();
        loop.growth().add(topic.id(), this);
    }

    void grow(int count) {
        Map<Integer, Start> added = new TreeMap<>();
        for (int partition = partitions; partition < count; partition++) {
            added.put(partition, new Start.Earliest());
        }
        partitions = Math.max(partitions, count);
        if (!added.isEmpty()) {
            on(new SubscriptionEvent.PartitionsAdded<>(added));
        }
    }

    public void open(Map<Integer, Start> starts) {
        opened = true;
        loop.metrics().subscriptions(1);
        if (outlet.isFull()) {
            on(new SubscriptionEvent.SocketFilled<>());
        }
        on(new SubscriptionEvent.Opened<>(starts));
    }

    /** Reads further partitions. */
    public void add(Map<Integer, Start> starts) {
        on(new SubscriptionEvent.PartitionsAdded<>(starts));
    }

    /** Reads these no longer. */
    public void remove(Set<Integer> removed) {
        on(new SubscriptionEvent.PartitionsRemoved<>(removed));
    }

    public void addCredit(long records, long bytes) {
        on(new SubscriptionEvent.CreditAdded<>(records, bytes));
    }

    public void socketDrained() {
        on(new SubscriptionEvent.SocketDrained<>());
    }

    public void close() {
        leave();
        on(new SubscriptionEvent.Closed<>());
    }

    @Override
    public void onTail(int partition, Chunk<Buffer> chunk) {
        if (outlet.isFull()) {
            on(new SubscriptionEvent.SocketFilled<>());
        }
        on(new SubscriptionEvent.TailArrived<>(partition, chunk));
    }

    @Override
    public void onTailMissed(int partition, Position served) {
        on(new SubscriptionEvent.TailMissed<>(partition, served));
    }

    private void on(SubscriptionEvent<Buffer> event) {
        if (running) {
            if (events == null) {
                events = new ArrayDeque<>(2);
            }
            events.add(event);
            return;
        }
        running = true;
        for (SubscriptionEvent<Buffer> next = event; next != null; next = nextEvent()) {
            List<SubscriptionEffect<Buffer>> effects = machine.step(next, System.currentTimeMillis());
            for (int i = 0; i < effects.size(); i++) {
                obey(effects.get(i));
            }
        }
        running = false;
    }

    private @Nullable SubscriptionEvent<Buffer> nextEvent() {
        Deque<SubscriptionEvent<Buffer>> waiting = events;
        SubscriptionEvent<Buffer> next = waiting == null ? null : waiting.poll();
        if (next == null) {
            events = null;
        }
        return next;
    }

    private void obey(SubscriptionEffect<Buffer> effect) {
        switch (effect) {
            case SubscriptionEffect.Locate<Buffer> it ->
                loop.reads().locate(key(it.partition()), it.start()).onSuccess(this::on);
            case SubscriptionEffect.TellOpened<Buffer> it -> outlet.opened(machine.positions());
            case SubscriptionEffect.TellAdded<Buffer> it -> outlet.added(it.partition(), it.position());
            case SubscriptionEffect.ReadAt<Buffer> it ->
                loop.reads()
                        .read(key(it.partition()), it.position(), it.grant(), form, () -> !outlet.isFull())
                        .onSuccess(outcome -> onRead(it.partition(), outcome));
            case SubscriptionEffect.JoinTail<Buffer> it -> {
                if (!loop.tails().join(this, key(it.partition()), view, it.position())) {
                    on(new SubscriptionEvent.TailMissed<>(it.partition(), it.position()));
                }
            }
            case SubscriptionEffect.LeaveTail<Buffer> it -> loop.tails().leave(this, key(it.partition()), view);
            case SubscriptionEffect.Deliver<Buffer> it -> {
                outlet.deliver(it.partition(), it.chunk());
                loop.metrics()
                        .delivered(
                                it.chunk().recordCount(),
                                it.chunk().bytes(),
                                machine.credit().isLeft());
                if (outlet.isFull()) {
                    on(new SubscriptionEvent.SocketFilled<>());
                }
            }
            case SubscriptionEffect.TellGap<Buffer> it ->
                outlet.gap(it.partition(), it.fromOffset(), it.toOffset(), it.reason());
            case SubscriptionEffect.TellState<Buffer> it -> outlet.state(it.partition(), it.state());
            case SubscriptionEffect.RetryLater<Buffer> it -> {
                long mostMs = Math.min(LONGEST_RETRY_MS, RETRY_MS << Math.min(10, it.attempt()));
                long delayMs = ThreadLocalRandom.current().nextLong(RETRY_MS, mostMs);
                loop.vertx().setTimer(delayMs, timer -> on(new SubscriptionEvent.RetryDue<>(it.partition())));
            }
            case SubscriptionEffect.Pause<Buffer> it ->
                loop.vertx().setTimer(it.delayMs(), timer -> on(new SubscriptionEvent.PauseOver<>(it.partition())));
            case SubscriptionEffect.EndAsGone<Buffer> it -> {
                leave();
                outlet.gone();
            }
        }
    }

    /** One that has ended by itself is closed all the same when its connection is. */
    private void leave() {
        if (!left) {
            left = true;
            loop.growth().remove(topic.id(), this);
            loop.metrics().subscriptions(opened ? -1 : 0);
        }
    }

    private void onRead(int partition, ReadOutcome<Buffer> outcome) {
        if (outlet.isFull()) {
            on(new SubscriptionEvent.SocketFilled<>());
        }
        on(new SubscriptionEvent.ReadDone<>(partition, outcome));
    }

    private PartitionKey key(int partition) {
        return PartitionKey.of(topic, partition);
    }
}
