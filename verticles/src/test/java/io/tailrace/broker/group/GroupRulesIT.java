// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.BrokerFixture;
import io.tailrace.broker.net.RawClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules about groups that an operator sets, and offsets in every version of their requests, with stock clients and by hand. */
@Timeout(180)
final class GroupRulesIT {

    @TempDir
    private static Path dir;

    private static BrokerFixture node;
    private static Admin admin;

    private final List<KafkaConsumer<byte[], byte[]>> consumers = new ArrayList<>();

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(
                dir,
                "offsets.topic.num.partitions",
                "2",
                "offsets.retention.check.interval.ms",
                "300",
                "group.max.size",
                "3",
                "group.consumer.max.size",
                "3",
                "group.consumer.heartbeat.interval.ms",
                "300",
                "group.consumer.min.heartbeat.interval.ms",
                "300");
        admin = node.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        node.close();
    }

    @AfterEach
    void leave() {
        consumers.forEach(KafkaConsumer::close);
    }

    private KafkaConsumer<byte[], byte[]> join(String protocol, String group, String topic, String... settings) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", node.address());
        config.put("group.id", group);
        config.put("group.protocol", protocol);
        config.put("enable.auto.commit", false);
        if (protocol.equals("classic")) {
            config.put("heartbeat.interval.ms", 300);
        }
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(topic));
        consumers.add(consumer);
        return consumer;
    }

    private void eventually(ThrowingRunnable holds) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    consumers.forEach(consumer -> consumer.poll(Duration.ofMillis(50)));
                    holds.run();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aFullGroupTakesNobodyIn(String protocol) {
        String name = "full-" + protocol;
        node.topic(name, 6);
        List<KafkaConsumer<byte[], byte[]>> members =
                List.of(join(protocol, name, name), join(protocol, name, name), join(protocol, name, name));
        eventually(() -> assertThat(members)
                .allSatisfy(member -> assertThat(member.assignment()).hasSize(2)));
        KafkaConsumer<byte[], byte[]> late = join(protocol, name, name);
        consumers.remove(late);
        assertThatThrownBy(() -> {
                    while (true) {
                        late.poll(Duration.ofMillis(100));
                    }
                })
                .isInstanceOf(GroupMaxSizeReachedException.class);
        late.close();
    }

    /** In a group that is not full: as in Kafka, a member that comes back to a full one under a new id is turned away. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aStaticMemberThatComesBackHasWhatItHadAndAnAdministratorMayRemoveIt(String protocol) throws Exception {
        String name = "static-" + protocol;
        node.topic(name, 4);
        KafkaConsumer<byte[], byte[]> one = join(protocol, name, name, "group.instance.id", "one");
        KafkaConsumer<byte[], byte[]> two = join(protocol, name, name, "group.instance.id", "two");
        eventually(() -> {
            assertThat(one.assignment()).hasSize(2);
            assertThat(two.assignment()).hasSize(2);
        });
        Set<TopicPartition> had = Set.copyOf(one.assignment());
        consumers.remove(one);
        one.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
        KafkaConsumer<byte[], byte[]> back = join(protocol, name, name, "group.instance.id", "one");
        eventually(() -> assertThat(back.assignment()).isEqualTo(had));
        assertThat(two.assignment()).as("nobody else has noticed").hasSize(2);

        consumers.remove(back);
        back.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
        admin.removeMembersFromConsumerGroup(
                        name, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one"))))
                .all()
                .get(60, TimeUnit.SECONDS);
        eventually(() -> assertThat(two.assignment()).hasSize(4));
    }

    /** Its members are told another interval than those of other groups, and its session is another. */
    @Test
    void aGroupHasSettingsOfItsOwn() throws Exception {
        node.topic("set", 2);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, "set");
        admin.incrementalAlterConfigs(Map.of(
                        resource,
                        Stream.of("consumer.session.timeout.ms=45000", "consumer.heartbeat.interval.ms=5000")
                                .map(setting -> setting.split("="))
                                .map(setting -> new AlterConfigOp(
                                        new ConfigEntry(setting[0], setting[1]), AlterConfigOp.OpType.SET))
                                .toList()))
                .all()
                .get(60, TimeUnit.SECONDS);
        assertThat(admin.describeConfigs(List.of(resource))
                        .all()
                        .get(60, TimeUnit.SECONDS)
                        .get(resource)
                        .get("consumer.heartbeat.interval.ms")
                        .value())
                .isEqualTo("5000");
        KafkaConsumer<byte[], byte[]> member = join("consumer", "set", "set");
        eventually(() -> assertThat(member.assignment()).hasSize(2));
    }

    @Test
    void offsetsGoWithTheirTopicAndItsSuccessorBeginsAnew() throws Exception {
        TopicPartition partition = node.topic("again", 1);
        TopicPartition other = node.topic("stays", 1);
        admin.alterConsumerGroupOffsets(
                        "keeper", Map.of(partition, new OffsetAndMetadata(7), other, new OffsetAndMetadata(8)))
                .all()
                .get(60, TimeUnit.SECONDS);
        admin.deleteTopics(List.of("again")).all().get(60, TimeUnit.SECONDS);
        eventually(() -> assertThat(committed("keeper")).containsOnlyKeys(other));
        node.topic("again", 1);
        try (KafkaProducer<byte[], byte[]> producer = node.producer()) {
            producer.send(new ProducerRecord<>("again", "first".getBytes(UTF_8)))
                    .get(60, TimeUnit.SECONDS);
        }
        try (KafkaConsumer<byte[], byte[]> reader = node.consumer(partition, "group.id", "keeper")) {
            assertThat(BrokerFixture.poll(reader, 1)).singleElement().satisfies(record -> assertThat(record.offset())
                    .isZero());
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void anOffsetWithARetentionTimeOfItsOwnExpiresAndOthersStay() throws Exception {
        TopicPartition partition = node.topic("expires", 2);
        TopicPartition stays = new TopicPartition("expires", 1);
        admin.alterConsumerGroupOffsets("short", Map.of(stays, new OffsetAndMetadata(8)))
                .all()
                .get(60, TimeUnit.SECONDS);
        try (RawClient client = new RawClient(node.port())) {
            assertThat(commit(client, 2, "short", partition, Uuid.ZERO_UUID, 5, 1))
                    .isEqualTo(Errors.NONE);
        }
        eventually(() -> assertThat(committed("short")).containsOnlyKeys(stays));
    }

    @Test
    void everyVersionCommitsAndReadsOffsets() throws Exception {
        TopicPartition partition = node.topic("versions", 1);
        Uuid id = admin.describeTopics(List.of("versions"))
                .allTopicNames()
                .get(60, TimeUnit.SECONDS)
                .get("versions")
                .topicId();
        try (RawClient client = new RawClient(node.port())) {
            for (int version = ApiKeys.OFFSET_COMMIT.oldestVersion();
                    version <= ApiKeys.OFFSET_COMMIT.latestVersion();
                    version++) {
                assertThat(commit(client, version, "v", partition, id, 100 + version, -1))
                        .as("version %d", version)
                        .isEqualTo(Errors.NONE);
                for (int read = ApiKeys.OFFSET_FETCH.oldestVersion();
                        read <= ApiKeys.OFFSET_FETCH.latestVersion();
                        read++) {
                    assertThat(fetch(client, read, "v", partition, id))
                            .as("committed by %d, read by %d", version, read)
                            .isEqualTo(
                                    new Read(100 + version, read >= 5 && version >= 6 ? 3 : -1, "note", Errors.NONE));
                }
            }
            Uuid unknown = Uuid.randomUuid();
            assertThat(commit(client, 10, "v", partition, unknown, 1, -1)).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
            assertThat(fetch(client, 10, "v", partition, unknown).error()).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        }
        assertThat(committed("v").get(partition)).isEqualTo(new OffsetAndMetadata(110, Optional.of(3), "note"));
    }

    private static Errors commit(
            RawClient client,
            int version,
            String group,
            TopicPartition partition,
            Uuid id,
            long offset,
            long retentionMs)
            throws Exception {
        OffsetCommitRequestPartition committed = new OffsetCommitRequestPartition()
                .setPartitionIndex(partition.partition())
                .setCommittedOffset(offset)
                .setCommittedMetadata("note");
        if (version >= 6) {
            committed.setCommittedLeaderEpoch(3);
        }
        OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setPartitions(List.of(committed));
        OffsetCommitRequestData request = new OffsetCommitRequestData().setGroupId(group);
        if (version <= 4) {
            request.setRetentionTimeMs(retentionMs);
        }
        request.setTopics(List.of(version >= 10 ? topic.setTopicId(id) : topic.setName(partition.topic())));
        client.send(ApiKeys.OFFSET_COMMIT, version, 1, request);
        OffsetCommitResponseData response =
                client.receive(ApiKeys.OFFSET_COMMIT, version, 1, new OffsetCommitResponseData());
        return Errors.forCode(response.topics().get(0).partitions().get(0).errorCode());
    }

    private record Read(long offset, int leaderEpoch, String metadata, Errors error) {}

    private static Read fetch(RawClient client, int version, String group, TopicPartition partition, Uuid id)
            throws Exception {
        OffsetFetchRequestData request = new OffsetFetchRequestData();
        List<Integer> index = List.of(partition.partition());
        if (version < 8) {
            request.setGroupId(group)
                    .setTopics(List.of(new OffsetFetchRequestTopic()
                            .setName(partition.topic())
                            .setPartitionIndexes(index)));
        } else {
            OffsetFetchRequestTopics topic = new OffsetFetchRequestTopics().setPartitionIndexes(index);
            request.setGroups(List.of(new OffsetFetchRequestGroup()
                    .setGroupId(group)
                    .setTopics(List.of(version >= 10 ? topic.setTopicId(id) : topic.setName(partition.topic())))));
        }
        client.send(ApiKeys.OFFSET_FETCH, version, 1, request);
        OffsetFetchResponseData response =
                client.receive(ApiKeys.OFFSET_FETCH, version, 1, new OffsetFetchResponseData());
        if (version < 8) {
            var found = response.topics().get(0).partitions().get(0);
            return new Read(
                    found.committedOffset(),
                    found.committedLeaderEpoch(),
                    found.metadata(),
                    Errors.forCode(found.errorCode()));
        }
        var found = response.groups().get(0).topics().get(0).partitions().get(0);
        return new Read(
                found.committedOffset(),
                found.committedLeaderEpoch(),
                found.metadata(),
                Errors.forCode(found.errorCode()));
    }
}
