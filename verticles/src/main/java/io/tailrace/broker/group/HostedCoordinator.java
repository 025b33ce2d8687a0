// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.BusException;
import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.GroupCall;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.coordinator.CoordinatorEffect;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.CoordinatorRecordCodec;
import io.tailrace.cluster.coordinator.PartitionCoordinator;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupMachine;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.OffsetRequest;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the machine of one partition: feeds it events, carries out its effects. On the shard's context. */
final class HostedCoordinator {

    private static final Logger LOG = LoggerFactory.getLogger(HostedCoordinator.class);

    /** Kafka's {@code offsets.commit.timeout.ms}: how long a write may wait for the replicas. */
    private static final long APPEND_TIMEOUT_MS = 5_000;

    /** What the coordinators of a shard share. */
    record Shard(Vertx vertx, Context context, Bus bus, Replies replies, CoordinatorRecordCodec codec) {}

    private final Shard shard;
    private final PartitionKey partition;
    private final PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> machine;
    private final Map<Long, Call<GroupCall>> calls = new HashMap<>();
    private final ArrayDeque<CoordinatorEvent<GroupRequest>> events = new ArrayDeque<>();
    private final LongSupplier nextTicket;
    /** Topics that went while the groups could not be told: names by id. */
    private final Map<Uuid, String> topicsToDrop = new HashMap<>();

    private boolean stepping;
    private long timerId = -1;

    HostedCoordinator(
            Shard shard,
            PartitionKey partition,
            PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> machine,
            LongSupplier nextTicket) {
        this.shard = shard;
        this.partition = partition;
        this.machine = machine;
        this.nextTicket = nextTicket;
    }

    PartitionKey partition() {
        return partition;
    }

    /** The groups, if this coordinator is active. */
    Optional<GroupMachine> groups() {
        return machine.active() && machine.state() instanceof GroupMachine groups
                ? Optional.of(groups)
                : Optional.empty();
    }

    void request(Call<GroupCall> call) {
        long ticket = nextTicket.getAsLong();
        calls.put(ticket, call);
        feed(new CoordinatorEvent.Requested<>(ticket, call.request().request()));
    }

    /** Topics were deleted: the offsets in them go, now or as soon as the partition is loaded. */
    void dropTopics(Map<Uuid, String> names) {
        topicsToDrop.putAll(names);
        tellDroppedTopics();
    }

    private void tellDroppedTopics() {
        if (!topicsToDrop.isEmpty() && machine.active()) {
            Map<Uuid, String> names = Map.copyOf(topicsToDrop);
            topicsToDrop.clear();
            // Nobody waits for the answer.
            feed(new CoordinatorEvent.Requested<>(nextTicket.getAsLong(), new OffsetRequest.DropTopics(names)));
        }
    }

    /** Events that effects bring about at once wait for the end of the step (ordering law). */
    void feed(CoordinatorEvent<GroupRequest> event) {
        events.add(event);
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            while (!events.isEmpty()) {
                machine.step(events.remove(), System.currentTimeMillis()).forEach(this::perform);
            }
        } finally {
            stepping = false;
        }
        shard.replies().flush();
    }

    private void perform(CoordinatorEffect<GroupAnswer> effect) {
        switch (effect) {
            case CoordinatorEffect.Append<GroupAnswer> append -> append(append);
            case CoordinatorEffect.Reply<GroupAnswer> reply ->
                answer(reply.ticket(), new GroupReply.Answered(reply.answer()));
            case CoordinatorEffect.Refuse<GroupAnswer> refuse ->
                answer(refuse.ticket(), new GroupReply.Refused(refuse.error()));
            case CoordinatorEffect.Load<GroupAnswer> load -> load(load);
            case CoordinatorEffect.WakeAt<GroupAnswer> wake -> wakeAt(wake.atMs());
        }
    }

    private void answer(long ticket, GroupReply reply) {
        @Nullable Call<GroupCall> call = calls.remove(ticket);
        if (call != null) {
            shard.replies().reply(call, reply);
        }
    }

    private void append(CoordinatorEffect.Append<GroupAnswer> append) {
        Append request = new Append(
                Append.Origin.COORDINATOR,
                (short) -1,
                System.currentTimeMillis() + APPEND_TIMEOUT_MS,
                List.of(new Append.Part(partition, append.leaderEpoch(), CoordinatorBatches.encode(append.batch()))));
        shard.bus().ask(shard.bus().shardOf(partition), request).onComplete(reply -> {
            Errors error =
                    reply.succeeded() ? reply.result().results().get(0).error() : BusException.errorOf(reply.cause());
            if (error != Errors.NONE) {
                LOG.warn("{} took no records: {}", partition.topicPartition(), error);
            }
            feed(
                    error == Errors.NONE
                            ? new CoordinatorEvent.Appended<>(append.batchId())
                            : new CoordinatorEvent.AppendFailed<>(append.batchId(), error));
        });
    }

    private void load(CoordinatorEffect.Load<GroupAnswer> load) {
        new CoordinatorLoader(
                        shard.bus(),
                        shard.context(),
                        shard.codec(),
                        partition,
                        load.leaderEpoch(),
                        entries -> feed(new CoordinatorEvent.Replayed<>(load.loadId(), entries)))
                .load()
                .onSuccess(error -> {
                    if (error != Errors.NONE) {
                        LOG.debug("{} could not be loaded: {}", partition.topicPartition(), error);
                    }
                    feed(
                            error == Errors.NONE
                                    ? new CoordinatorEvent.LoadFinished<>(load.loadId())
                                    : new CoordinatorEvent.LoadFailed<>(load.loadId(), error));
                    tellDroppedTopics();
                });
    }

    private void wakeAt(long atMs) {
        if (timerId >= 0) {
            shard.vertx().cancelTimer(timerId);
        }
        timerId = shard.vertx().setTimer(Math.max(1, atMs - System.currentTimeMillis()), rang -> {
            timerId = -1;
            feed(new CoordinatorEvent.Woken<>());
        });
    }

    /** Nothing more will come: everybody who waits is sent elsewhere. */
    void close() {
        feed(new CoordinatorEvent.Resigned<>(Integer.MAX_VALUE));
        if (timerId >= 0) {
            shard.vertx().cancelTimer(timerId);
            timerId = -1;
        }
    }
}
