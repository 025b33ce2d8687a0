// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.CoordinatorEffect;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.PartitionCoordinator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Runs the coordinator of one partition over a log in memory and a clock that is moved by hand. Writes become durable at once unless {@link
 * #holdWrites} says otherwise. With classic groups alone, or with whatever kinds the machine is made of.
 */
public class GroupHarness {

    private static final int EPOCH = 1;

    private final Function<Journal, GroupMachine> machines;
    private final List<CoordinatorEvent.Entry> log = new ArrayList<>();
    private final List<CoordinatorRecord> written = new ArrayList<>();
    private final Map<Long, Object> answers = new HashMap<>();
    private final ArrayDeque<CoordinatorEffect.Append<GroupAnswer>> appends = new ArrayDeque<>();
    private final PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> coordinator;
    private long nowMs;
    private long wakeAtMs = Long.MAX_VALUE;
    private long ticket;
    private boolean holding;
    private int loads;

    public GroupHarness(GroupRules rules) {
        this(journal -> new GroupMachine(rules, journal, List.of()));
    }

    public GroupHarness(Function<Journal, GroupMachine> machines) {
        this(machines, List.of(), 1_000_000);
    }

    private GroupHarness(Function<Journal, GroupMachine> machines, List<CoordinatorEvent.Entry> log, long nowMs) {
        this.machines = machines;
        this.nowMs = nowMs;
        this.log.addAll(log);
        this.coordinator = new PartitionCoordinator<>(
                PartitionCoordinator.Limits.DEFAULT, GroupRecordTypes.codec(), this.machines);
        feed(new CoordinatorEvent.Elected<>(EPOCH));
    }

    /** A second coordinator that replays the log of this one, as after a change of leader. */
    public GroupHarness successor() {
        return new GroupHarness(machines, log, nowMs);
    }

    // What a test does.

    public long send(GroupRequest request) {
        long mine = ++ticket;
        feed(new CoordinatorEvent.Requested<>(mine, request));
        return mine;
    }

    /** Sends, and returns the answer that comes at once. */
    public <A extends GroupAnswer> A ask(GroupRequest request, Class<A> kind) {
        return kind.cast(Objects.requireNonNull(answer(send(request)), "no answer yet to " + request));
    }

    /** Sends a request whose write is refused, and returns what its sender hears. */
    public Errors askInVain(GroupRequest request, Errors appendError) {
        holdWrites(true);
        long mine = send(request);
        failNext(appendError, false);
        holdWrites(false);
        return (Errors) Objects.requireNonNull(answers.remove(mine), "not refused");
    }

    /** The answer to a request that was sent, once; empty while there is none. */
    public Optional<GroupAnswer> poll(long of) {
        Object answer = answers.remove(of);
        if (answer instanceof Errors refused) {
            throw new AssertionError("refused: " + refused);
        }
        return Optional.ofNullable((GroupAnswer) answer);
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

    /** The replicated state. */
    public String replicated() {
        return machine().groups().sorted() + " " + machine().offsets();
    }

    /** The replicated state that another node would build from the log. */
    public String replayed() {
        return successor().replicated();
    }

    /** As {@link #replayed}, when compaction has left the last record of each key, and no tombstone. */
    public String replayedCompacted() {
        Map<ApiMessage, CoordinatorEvent.Entry> last = new LinkedHashMap<>();
        for (CoordinatorEvent.Entry entry : log) {
            CoordinatorRecord record = ((CoordinatorEvent.Stored) entry).record();
            last.remove(record.key());
            if (record.value() != null) {
                last.put(record.key(), entry);
            }
        }
        return new GroupHarness(machines, List.copyOf(last.values()), nowMs).replicated();
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
