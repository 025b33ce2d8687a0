// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import io.tailrace.gateway.session.Position;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a {@link MemberMachine} decides. */
public final class GroupMember {

    private static final Logger LOG = LoggerFactory.getLogger(GroupMember.class);

    /** How long a client has to give partitions back. Well below the time that the coordinator waits. */
    public static final long RELEASE_MS = 5_000;

    /** What the coordinator is told; the time of a pause of the page, or of a node, beside {@link #RELEASE_MS}. */
    public static final int REBALANCE_TIMEOUT_MS = 45_000;

    private static final long RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 5_000;

    /** How often a commit or a look at commits is tried while the group is moving. */
    private static final int ATTEMPTS = 20;

    private final Vertx vertx;
    private final GroupCoordinator coordinator;
    private final Listener listener;
    private final MemberMachine machine = new MemberMachine();
    private final Deque<MemberEvent> events = new ArrayDeque<>(2);
    private boolean running;
    private boolean closed;
    private long beatTimer = -1;

    /** What becomes of the membership. */
    public interface Listener {

        /** It is a member now. Comes once, before anything else. */
        void opened();

        /** Read these, from where the group is; where it is nowhere, from where the subscriber said. */
        void read(Set<Integer> partitions, Map<Integer, Position> committed);

        /** Read these no longer. @param withinMs the client shall release them; 0 if they are lost already */
        void revoke(Set<Integer> partitions, long withinMs);

        /** It is no member and will not become one. */
        void failed(Errors error);
    }

    public GroupMember(Vertx vertx, GroupCoordinator coordinator, Listener listener) {
        this.vertx = vertx;
        this.coordinator = coordinator;
        this.listener = listener;
    }

    public void start() {
        on(new MemberEvent.Started());
    }

    /** The client is done with these. */
    public void release(Set<Integer> partitions) {
        on(new MemberEvent.Released(partitions));
    }

    public void close() {
        closed = true;
        vertx.cancelTimer(beatTimer);
        on(new MemberEvent.Closed());
    }

    /** Whether the partition is this member's to commit for. */
    public boolean owns(int partition) {
        return machine.owns(partition);
    }

    /** Durable when it completes; fails with an {@code ApiException}. */
    public Future<Void> commit(Map<Integer, Position> offsets) {
        return patiently(() -> coordinator.commit(machine.epoch(), offsets), ATTEMPTS);
    }

    private void on(MemberEvent event) {
        events.add(event);
        if (!running) {
            running = true;
            for (MemberEvent first = events.poll(); first != null; first = events.poll()) {
                machine.step(first, System.currentTimeMillis()).forEach(this::obey);
            }
            running = false;
        }
    }

    private void obey(MemberEffect effect) {
        switch (effect) {
            case MemberEffect.Find it -> coordinator.find().onSuccess(this::on);
            case MemberEffect.FindLater it -> {
                long mostMs = Math.min(LONGEST_RETRY_MS, RETRY_MS << Math.min(10, it.attempt()));
                vertx.setTimer(
                        ThreadLocalRandom.current().nextLong(RETRY_MS, mostMs), due -> on(new MemberEvent.FindDue()));
            }
            case MemberEffect.Beat it -> {
                vertx.cancelTimer(beatTimer);
                coordinator.beat(it.epoch(), it.owned()).onSuccess(this::on);
            }
            case MemberEffect.BeatLater it -> {
                vertx.cancelTimer(beatTimer);
                beatTimer = vertx.setTimer(Math.max(1, it.delayMs()), due -> on(new MemberEvent.BeatDue()));
            }
            case MemberEffect.Opened it -> listener.opened();
            case MemberEffect.Read it -> read(it.partitions());
            case MemberEffect.Revoke it -> {
                listener.revoke(it.partitions(), RELEASE_MS);
                vertx.setTimer(RELEASE_MS, due -> on(new MemberEvent.ReleaseDue(it.partitions())));
            }
            case MemberEffect.Lose it -> listener.revoke(it.partitions(), 0);
            case MemberEffect.Leave it -> coordinator.leave();
            case MemberEffect.Fail it -> listener.failed(it.error());
        }
    }

    private void read(Set<Integer> partitions) {
        patiently(() -> coordinator.committed(machine.epoch(), partitions), ATTEMPTS)
                .onSuccess(committed -> {
                    // What was taken away meanwhile is somebody else's.
                    Set<Integer> still = new java.util.TreeSet<>(partitions);
                    still.removeIf(partition -> !machine.reads(partition));
                    if (!closed && !still.isEmpty()) {
                        listener.read(still, committed);
                    }
                })
                .onFailure(failure -> {
                    if (!closed) {
                        LOG.warn("a group's offsets could not be read", failure);
                        listener.failed(Errors.forException(failure));
                        close();
                    }
                });
    }

    /** A member that has not heard its newest epoch yet, or whose coordinator is moving, is refused for a moment. */
    private <T> Future<T> patiently(java.util.function.Supplier<Future<T>> ask, int attempts) {
        return ask.get().recover(failure -> {
            Errors error = Errors.forException(failure);
            boolean passing = error == Errors.STALE_MEMBER_EPOCH
                    || error.exception() instanceof org.apache.kafka.common.errors.RetriableException;
            if (!passing || attempts <= 1 || closed) {
                return Future.failedFuture(failure);
            }
            Promise<T> later = Promise.promise();
            vertx.setTimer(RETRY_MS * 2, due -> patiently(ask, attempts - 1).onComplete(later));
            return later.future();
        });
    }
}
