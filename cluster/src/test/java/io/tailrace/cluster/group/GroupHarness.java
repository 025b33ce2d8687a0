// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.CoordinatorEffect;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.PartitionCoordinator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the coordinator of one partition over a log in memory and a clock that is moved by hand. Writes become durable at once unless {@link
 * #holdWrites} says otherwise.
 */
public final class GroupHarness {

    private static final int EPOCH = 1;

    private final GroupRules rules;
    private final List<CoordinatorEvent.Entry> log = new ArrayList<>();
    private final List<CoordinatorRecord> written = new ArrayList<>();
    private final Map<Long, Object> answers = new HashMap<>();
    private final ArrayDeque<CoordinatorEffect.Append<GroupAnswer>> appends = new ArrayDeque<>();
    private PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> coordinator;
    private long nowMs = 1_000_000;
    private long wakeAtMs = Long.MAX_VALUE;
    private long ticket;
    private boolean holding;
    private int loads;

    public GroupHarness(GroupRules rules) {
        this.rules = rules;
        this.coordinator = newCoordinator();
        feed(new CoordinatorEvent.Elected<>(EPOCH));
    }

    private PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> newCoordinator() {
        return new PartitionCoordinator<>(
                PartitionCoordinator.Limits.DEFAULT,
                GroupRecordTypes.codec(),
                journal -> new GroupMachine(rules, journal, List.of()));
    }

    /** A second coordinator that replays the log of this one, as after a change of leader. */
    public GroupHarness successor() {
        GroupHarness next = new GroupHarness(rules, log, nowMs);
        return next;
    }

    private GroupHarness(GroupRules rules, List<CoordinatorEvent.Entry> log, long nowMs) {
        this.rules = rules;
        this.nowMs = nowMs;
        this.log.addAll(log);
        this.coordinator = newCoordinator();
        feed(new CoordinatorEvent.Elected<>(EPOCH));
    }

    public long send(GroupRequest request) {
        long mine = ++ticket;
        feed(new CoordinatorEvent.Requested<>(mine, request));
        return mine;
    }

    /** Sends, and returns the answer that comes at once. */
    public <A extends GroupAnswer> A ask(GroupRequest request, Class<A> kind) {
        return kind.cast(Objects.requireNonNull(answer(send(request)), "no answer yet to " + request));
    }

    /** A {@link GroupAnswer}, or {@link Errors} if the runtime refused; null while there is none. */
    public @Nullable Object answer(long of) {
        return answers.get(of);
    }

    public <A extends GroupAnswer> A answer(long of, Class<A> kind) {
        return kind.cast(Objects.requireNonNull(answer(of), "no answer yet"));
    }

    public void holdWrites(boolean hold) {
        holding = hold;
        if (!hold) {
            while (!appends.isEmpty()) {
                commitNext();
            }
        }
    }

    public int heldWrites() {
        return appends.size();
    }

    public void commitNext() {
        var append = appends.remove();
        store(append.batch());
        feed(new CoordinatorEvent.Appended<>(append.batchId()));
    }

    /** Fails the append under way; {@code lands} if the records are in the log all the same. */
    public void failNext(Errors error, boolean lands) {
        var append = appends.remove();
        if (lands) {
            store(append.batch());
        }
        feed(new CoordinatorEvent.AppendFailed<>(append.batchId(), error));
    }

    public void advance(long ms) {
        long targetMs = nowMs + ms;
        while (wakeAtMs <= targetMs) {
            nowMs = Math.max(nowMs, wakeAtMs);
            wakeAtMs = Long.MAX_VALUE;
            feed(new CoordinatorEvent.Woken<>());
        }
        nowMs = targetMs;
    }

    public long nowMs() {
        return nowMs;
    }

    public int loads() {
        return loads;
    }

    public List<CoordinatorRecord> written() {
        return written;
    }

    public GroupMachine machine() {
        return (GroupMachine) Objects.requireNonNull(coordinator.state());
    }

    public boolean isOpen(long of) {
        return !answers.containsKey(of);
    }

    private void feed(CoordinatorEvent<GroupRequest> event) {
        for (CoordinatorEffect<GroupAnswer> effect : coordinator.step(event, nowMs)) {
            switch (effect) {
                case CoordinatorEffect.Reply<GroupAnswer> reply -> put(reply.ticket(), reply.answer());
                case CoordinatorEffect.Refuse<GroupAnswer> refuse -> put(refuse.ticket(), refuse.error());
                case CoordinatorEffect.WakeAt<GroupAnswer> wake -> wakeAtMs = wake.atMs();
                case CoordinatorEffect.Append<GroupAnswer> append -> appends.add(append);
                case CoordinatorEffect.Load<GroupAnswer> load -> {
                    loads++;
                    appends.clear();
                    wakeAtMs = Long.MAX_VALUE;
                    feed(new CoordinatorEvent.Replayed<>(load.loadId(), log));
                    feed(new CoordinatorEvent.LoadFinished<>(load.loadId()));
                }
            }
        }
        while (!holding && !appends.isEmpty()) {
            commitNext();
        }
    }

    private void put(long of, Object answer) {
        if (answers.put(of, answer) != null) {
            throw new AssertionError("answered twice: " + of);
        }
    }

    /** Through the bytes, as a real log would. */
    private void store(Batch batch) {
        switch (batch) {
            case Batch.Marker marker ->
                log.add(new CoordinatorEvent.Marked(marker.producerId(), marker.producerEpoch(), marker.committed()));
            case Batch.Records records ->
                records.records().forEach(record -> {
                    byte[] value = record.value();
                    CoordinatorRecord read = GroupRecordTypes.codec()
                            .decode(ByteBuffer.wrap(record.key()), value == null ? null : ByteBuffer.wrap(value))
                            .orElseThrow();
                    written.add(read);
                    log.add(new CoordinatorEvent.Stored(read, records.producerId()));
                });
        }
    }
}
