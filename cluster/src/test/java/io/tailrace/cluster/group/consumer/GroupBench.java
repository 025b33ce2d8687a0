// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.CoordinatorEffect;
import io.tailrace.cluster.coordinator.CoordinatorEvent;
import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.EncodedRecord;
import io.tailrace.cluster.coordinator.PartitionCoordinator;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupMachine;
import io.tailrace.cluster.group.GroupRecordTypes;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** The group machine on its real runtime, with a log in memory, a clock that the test moves and topics that the test makes. */
final class GroupBench {

    private final ConsumerRules rules;
    private final PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> coordinator;
    private final List<EncodedRecord> log = new ArrayList<>();
    private final Map<Long, GroupAnswer> answers = new HashMap<>();
    private final Map<Long, Errors> refusals = new HashMap<>();
    private final TreeMap<String, TopicImage> topics = new TreeMap<>();
    private final Map<String, Map<String, String>> groupConfigs = new HashMap<>();
    private ClusterImage image = ClusterImage.empty("cluster");
    private long imageVersion;
    private long topicsMade;
    private long nowMs = 1_000_000;
    private long wakeAtMs = Long.MAX_VALUE;
    private long tickets;
    private Errors refuseNextAppend = Errors.NONE;

    GroupBench(ConsumerRules rules) {
        this.rules = rules;
        this.coordinator = coordinator();
        step(new CoordinatorEvent.Elected<>(1));
    }

    GroupBench() {
        this(ConsumerRules.DEFAULT);
    }

    private PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> coordinator() {
        return new PartitionCoordinator<>(
                PartitionCoordinator.Limits.DEFAULT,
                GroupRecordTypes.codec(),
                journal -> new GroupMachine(
                        GroupRules.DEFAULT,
                        journal,
                        List.of((table, classic) -> new ConsumerKind(rules, table, classic, () -> image))));
    }

    private void step(CoordinatorEvent<GroupRequest> event) {
        handle(coordinator.step(event, nowMs));
    }

    private void handle(List<CoordinatorEffect<GroupAnswer>> effects) {
        for (CoordinatorEffect<GroupAnswer> effect : effects) {
            switch (effect) {
                case CoordinatorEffect.Load<GroupAnswer> load -> {
                    step(new CoordinatorEvent.Replayed<>(load.loadId(), stored()));
                    step(new CoordinatorEvent.LoadFinished<>(load.loadId()));
                }
                case CoordinatorEffect.Append<GroupAnswer> append -> append(append);
                case CoordinatorEffect.Reply<GroupAnswer> reply -> answers.put(reply.ticket(), reply.answer());
                case CoordinatorEffect.Refuse<GroupAnswer> refuse -> refusals.put(refuse.ticket(), refuse.error());
                case CoordinatorEffect.WakeAt<GroupAnswer> wake -> wakeAtMs = wake.atMs();
            }
        }
    }

    private void append(CoordinatorEffect.Append<GroupAnswer> append) {
        if (refuseNextAppend != Errors.NONE) {
            Errors error = refuseNextAppend;
            refuseNextAppend = Errors.NONE;
            step(new CoordinatorEvent.AppendFailed<>(append.batchId(), error));
            return;
        }
        log.addAll(((Batch.Records) append.batch()).records());
        step(new CoordinatorEvent.Appended<>(append.batchId()));
    }

    private List<CoordinatorEvent.Entry> stored() {
        return entries(log);
    }

    /** What compaction leaves of the log when it has also dropped the tombstones: the last record of each key, in order. */
    private List<EncodedRecord> compacted() {
        Map<ByteBuffer, EncodedRecord> last = new LinkedHashMap<>();
        for (EncodedRecord record : log) {
            ByteBuffer key = ByteBuffer.wrap(record.key());
            last.remove(key);
            last.put(key, record);
        }
        return last.values().stream().filter(record -> record.value() != null).toList();
    }

    private static List<CoordinatorEvent.Entry> entries(List<EncodedRecord> records) {
        List<CoordinatorEvent.Entry> entries = new ArrayList<>();
        for (EncodedRecord record : records) {
            byte[] value = record.value();
            CoordinatorRecord decoded = GroupRecordTypes.codec()
                    .decode(ByteBuffer.wrap(record.key()), value == null ? null : ByteBuffer.wrap(value))
                    .orElseThrow();
            entries.add(new CoordinatorEvent.Stored(decoded, Batch.NO_PRODUCER_ID));
        }
        return entries;
    }

    // What a test does.

    <A extends GroupAnswer> A ask(Class<A> kind, GroupRequest request) {
        long ticket = tickets++;
        step(new CoordinatorEvent.Requested<>(ticket, request));
        if (refusals.containsKey(ticket)) {
            throw new AssertionError("refused: " + refusals.get(ticket));
        }
        return kind.cast(Objects.requireNonNull(answers.remove(ticket), "no answer"));
    }

    /** Sends a request that may have to wait for its answer. */
    long send(GroupRequest request) {
        long ticket = tickets++;
        step(new CoordinatorEvent.Requested<>(ticket, request));
        return ticket;
    }

    /** The answer to a sent request, once; empty while there is none. */
    Optional<GroupAnswer> poll(long ticket) {
        if (refusals.containsKey(ticket)) {
            throw new AssertionError("refused: " + refusals.get(ticket));
        }
        return Optional.ofNullable(answers.remove(ticket));
    }

    /** As {@link #ask}, for a request whose write is refused. */
    Errors askInVain(Errors appendError, GroupRequest request) {
        refuseNextAppend = appendError;
        long ticket = tickets++;
        step(new CoordinatorEvent.Requested<>(ticket, request));
        return Objects.requireNonNull(refusals.remove(ticket), "not refused");
    }

    void advance(long ms) {
        long until = nowMs + ms;
        while (wakeAtMs <= until) {
            nowMs = Math.max(nowMs, wakeAtMs);
            wakeAtMs = Long.MAX_VALUE;
            step(new CoordinatorEvent.Woken<>());
        }
        nowMs = until;
    }

    long nowMs() {
        return nowMs;
    }

    int logSize() {
        return log.size();
    }

    void topic(String name, int partitions) {
        Uuid id = topics.containsKey(name) ? topics.get(name).id() : new Uuid(7, ++topicsMade);
        List<PartitionImage> made = IntStream.range(0, partitions)
                .mapToObj(index -> PartitionImage.created(index, List.of(1)))
                .toList();
        topics.put(name, new TopicImage(name, id, made, Map.of()));
        publish();
    }

    void deleteTopic(String name) {
        topics.remove(name);
        publish();
    }

    void groupConfig(String groupId, String key, String value) {
        groupConfigs.put(groupId, Map.of(key, value));
        publish();
    }

    private void publish() {
        Map<Uuid, String> names = new HashMap<>();
        topics.forEach((name, topic) -> names.put(topic.id(), name));
        image = new ClusterImage(
                "cluster",
                ++imageVersion,
                1,
                new TreeMap<>(topics),
                names,
                Map.of(),
                Map.of(),
                Map.copyOf(groupConfigs),
                Map.of(),
                Map.of(),
                0);
    }

    Map<String, TopicImage> topics() {
        return topics;
    }

    PartitionId partition(String topic, int number) {
        return new PartitionId(topics.get(topic).id(), number);
    }

    // What a test looks at.

    GroupMachine machine() {
        return (GroupMachine) Objects.requireNonNull(coordinator.state());
    }

    ConsumerGroup group(String groupId) {
        return machine().groups().find(groupId, ConsumerGroup.class).orElseThrow();
    }

    Optional<ConsumerGroup> findGroup(String groupId) {
        return machine().groups().find(groupId, ConsumerGroup.class);
    }

    String replicated() {
        return machine().groups().sorted() + " " + machine().offsets();
    }

    /** The replicated state that another node would build from the log. */
    String replayed() {
        return replayed(stored());
    }

    /** As {@link #replayed}, after compaction. */
    String replayedCompacted() {
        return replayed(entries(compacted()));
    }

    private String replayed(List<CoordinatorEvent.Entry> entries) {
        PartitionCoordinator<GroupRequest, GroupAnswer, GroupFollowUp> other = coordinator();
        other.step(new CoordinatorEvent.Elected<>(1), nowMs).forEach(effect -> {
            if (effect instanceof CoordinatorEffect.Load<GroupAnswer> load) {
                other.step(new CoordinatorEvent.Replayed<>(load.loadId(), entries), nowMs);
                other.step(new CoordinatorEvent.LoadFinished<>(load.loadId()), nowMs);
            }
        });
        GroupMachine machine = (GroupMachine) Objects.requireNonNull(other.state());
        return machine.groups().sorted() + " " + machine.offsets();
    }
}
