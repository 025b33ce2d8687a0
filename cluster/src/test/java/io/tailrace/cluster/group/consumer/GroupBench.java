// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupMachine;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** The harness with consumer groups, and with topics that the test makes. */
final class GroupBench extends GroupHarness {

    private final AtomicReference<ClusterImage> image;
    private final TreeMap<String, TopicImage> topics = new TreeMap<>();
    private final Map<String, Map<String, String>> groupConfigs = new HashMap<>();
    private long imageVersion;
    private long topicsMade;

    GroupBench() {
        this(ConsumerRules.DEFAULT);
    }

    GroupBench(ConsumerRules rules) {
        this(rules, new AtomicReference<>(ClusterImage.empty("cluster")));
    }

    private GroupBench(ConsumerRules rules, AtomicReference<ClusterImage> image) {
        super(journal -> new GroupMachine(
                GroupRules.DEFAULT,
                journal,
                List.of((table, classic) -> new ConsumerKind(rules, table, classic, image::get))));
        this.image = image;
    }

    /** Commits offset 5 of a partition of the topic "t" in the group of {@link ProtocolMember}. */
    List<Errors> commit(String memberId, int epoch, int version, int partition) {
        OffsetRequest.Offset offset =
                new OffsetRequest.Offset(new TopicPartition("t", partition), Uuid.ZERO_UUID, 5, -1, "");
        OffsetRequest.Commit commit = new OffsetRequest.Commit(
                ProtocolMember.GROUP,
                memberId,
                null,
                epoch,
                (short) version,
                -1,
                Batch.NO_PRODUCER_ID,
                Batch.NO_PRODUCER_EPOCH,
                List.of(offset));
        return ask(commit, OffsetRequest.Committed.class).errors();
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
        image.set(new ClusterImage(
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
                0));
    }

    Map<String, TopicImage> topics() {
        return topics;
    }

    PartitionId partition(String topic, int number) {
        return new PartitionId(topics.get(topic).id(), number);
    }

    ConsumerGroup group(String groupId) {
        return findGroup(groupId).orElseThrow();
    }

    Optional<ConsumerGroup> findGroup(String groupId) {
        return machine().groups().find(groupId, ConsumerGroup.class);
    }
}
