// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import io.tailrace.broker.net.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several groups in one OffsetFetch (KIP-709): each is answered once, where it stands in the request, and none depends on another. */
@Timeout(120)
final class OffsetFetchBatchIT {

    private static final OffsetAndMetadata OF_FIRST = new OffsetAndMetadata(5, Optional.of(0), "of the first");
    private static final OffsetAndMetadata OF_SECOND = new OffsetAndMetadata(7, Optional.empty(), "");

    @TempDir
    static Path dir;

    private static BrokerFixture broker;
    private static Admin admin;
    private static TopicPartition zero;
    private static TopicPartition one;
    private static Uuid topicId;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerFixture.start(dir);
        admin = broker.admin();
        zero = broker.topic("batched", 2);
        one = new TopicPartition("batched", 1);
        topicId = admin.describeTopics(List.of("batched"))
                .allTopicNames()
                .get(60, TimeUnit.SECONDS)
                .get("batched")
                .topicId();
        commit("first", zero, OF_FIRST);
        commit("second", one, OF_SECOND);
    }

    private static void commit(String group, TopicPartition partition, OffsetAndMetadata offset) throws Exception {
        admin.alterConsumerGroupOffsets(group, Map.of(partition, offset)).all().get(60, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void answersEachGroupOnceInTheOrderOfTheRequest() throws Exception {
        for (int version : List.of(8, 9, 10)) {
            OffsetFetchResponseData answer = fetch(
                    version,
                    group("second", topic(0, 1)),
                    group("nobody", topic(0)),
                    group("first", topic(1, 0)),
                    group("none", new OffsetFetchRequestTopics[0]));

            assertThat(answer.groups())
                    .extracting(OffsetFetchResponseGroup::groupId)
                    .containsExactly("second", "nobody", "first", "none");
            assertThat(answer.groups())
                    .extracting(OffsetFetchResponseGroup::errorCode)
                    .containsOnly((short) 0);
            assertThat(told(answer, 0)).containsExactly("0: -1 epoch -1 ''", "1: 7 epoch -1 ''");
            assertThat(told(answer, 1)).containsExactly("0: -1 epoch -1 ''");
            assertThat(told(answer, 2)).containsExactly("1: -1 epoch -1 ''", "0: 5 epoch 0 'of the first'");
            assertThat(told(answer, 3)).isEmpty();
        }
    }

    @Test
    void takesNullForAllThatAGroupHas() throws Exception {
        for (int version : List.of(8, 9, 10)) {
            OffsetFetchResponseData answer = fetch(version, all("first"), all("nobody"), all("second"));

            assertThat(told(answer, 0)).containsExactly("0: 5 epoch 0 'of the first'");
            assertThat(told(answer, 1)).isEmpty();
            assertThat(told(answer, 2)).containsExactly("1: 7 epoch -1 ''");
        }
    }

    @Test
    void anUnknownTopicIdOfOneGroupIsNoConcernOfAnother() throws Exception {
        OffsetFetchRequestTopics unknown =
                new OffsetFetchRequestTopics().setTopicId(new Uuid(1, 1)).setPartitionIndexes(List.of(0));

        OffsetFetchResponseData answer =
                fetch(10, group("first", unknown, topic(0)), group("second", unknown), group("first", topic(0)));

        assertThat(error(answer, 0, new Uuid(1, 1))).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        assertThat(error(answer, 0, topicId)).isEqualTo(Errors.NONE);
        assertThat(error(answer, 1, new Uuid(1, 1))).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        assertThat(told(answer, 2)).containsExactly("0: 5 epoch 0 'of the first'");
    }

    @Test
    void givesTheAdminClientAllGroupsAtOnce() throws Exception {
        ListConsumerGroupOffsetsSpec both = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(zero, one));

        var offsets = admin.listConsumerGroupOffsets(
                        Map.of("first", both, "second", both, "nobody", new ListConsumerGroupOffsetsSpec()))
                .all()
                .get(60, TimeUnit.SECONDS);

        assertThat(offsets.get("first")).containsEntry(zero, OF_FIRST).containsEntry(one, null);
        assertThat(offsets.get("second")).containsEntry(zero, null).containsEntry(one, OF_SECOND);
        assertThat(offsets.get("nobody")).isEmpty();
    }

    private static OffsetFetchRequestTopics topic(Integer... partitions) {
        return new OffsetFetchRequestTopics()
                .setName("batched")
                .setTopicId(topicId)
                .setPartitionIndexes(List.of(partitions));
    }

    private static OffsetFetchRequestGroup group(String id, OffsetFetchRequestTopics... topics) {
        return all(id).setTopics(List.of(topics));
    }

    private static OffsetFetchRequestGroup all(String id) {
        return new OffsetFetchRequestGroup().setGroupId(id).setMemberId(null).setTopics(null);
    }

    private static OffsetFetchResponseData fetch(int version, OffsetFetchRequestGroup... groups) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            List<OffsetFetchRequestGroup> asked = new ArrayList<>();
            for (OffsetFetchRequestGroup group : groups) {
                asked.add(group.duplicate());
            }
            if (version < 10) {
                asked.forEach(group -> Optional.ofNullable(group.topics())
                        .ifPresent(topics -> topics.forEach(topic -> topic.setTopicId(Uuid.ZERO_UUID))));
            }
            client.send(ApiKeys.OFFSET_FETCH, version, 1, new OffsetFetchRequestData().setGroups(asked));
            return client.receive(ApiKeys.OFFSET_FETCH, version, 1, new OffsetFetchResponseData());
        }
    }

    /** The partitions of the only topic of the group at this place. */
    private static List<String> told(OffsetFetchResponseData answer, int place) {
        List<OffsetFetchResponseTopics> topics = answer.groups().get(place).topics();
        assertThat(topics).hasSizeLessThan(2);
        return topics.stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(OffsetFetchBatchIT::told)
                .toList();
    }

    private static String told(OffsetFetchResponsePartitions partition) {
        assertThat(partition.errorCode()).isZero();
        return partition.partitionIndex() + ": " + partition.committedOffset() + " epoch "
                + partition.committedLeaderEpoch() + " '" + partition.metadata() + "'";
    }

    private static Errors error(OffsetFetchResponseData answer, int place, Uuid topic) {
        return answer.groups().get(place).topics().stream()
                .filter(found -> found.topicId().equals(topic))
                .map(found -> Errors.forCode(found.partitions().get(0).errorCode()))
                .findFirst()
                .orElseThrow();
    }
}
