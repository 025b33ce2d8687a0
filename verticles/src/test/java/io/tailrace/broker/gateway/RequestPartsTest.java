// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** Who is asked what, in a cluster of nodes 1, 2 and 3 of which the first asks; partition n is led by node n + 1, and nobody leads the last. */
final class RequestPartsTest {

    private static final int HERE = 1;
    private static final ClusterImage IMAGE = image();

    @Test
    void aGroupIsAskedWhereItIsCoordinated() {
        for (int i = 0; i < 20; i++) {
            String group = "group-" + i;
            int partition = GroupCoordinators.partitionOf(group, 4);
            int coordinator = partition == 3 ? HERE : partition + 1;
            ConsumerGroupHeartbeatRequestData beat = new ConsumerGroupHeartbeatRequestData().setGroupId(group);
            assertThat(parts(beat)).isEqualTo(Map.of(coordinator, beat));
        }
    }

    @Test
    void groupsAreTakenApartAndPutTogether() {
        List<OffsetFetchRequestData.OffsetFetchRequestGroup> groups = IntStream.range(0, 20)
                .mapToObj(i -> new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId("group-" + i))
                .toList();
        Map<Integer, ApiMessage> parts =
                parts(new OffsetFetchRequestData().setRequireStable(true).setGroups(groups));
        assertThat(parts.keySet()).containsExactlyInAnyOrder(1, 2, 3);
        List<OffsetFetchRequestData.OffsetFetchRequestGroup> asked = new ArrayList<>();
        List<ApiMessage> answers = new ArrayList<>();
        parts.forEach((node, part) -> {
            OffsetFetchRequestData request = (OffsetFetchRequestData) part;
            assertThat(request.requireStable()).isTrue();
            asked.addAll(request.groups());
            answers.add(new OffsetFetchResponseData()
                    .setGroups(request.groups().stream()
                            .map(group ->
                                    new OffsetFetchResponseData.OffsetFetchResponseGroup().setGroupId(group.groupId()))
                            .toList()));
        });
        assertThat(asked).containsExactlyInAnyOrderElementsOf(groups);
        assertThat(((OffsetFetchResponseData) RequestParts.merged(answers)).groups())
                .hasSize(20);
    }

    @Test
    void allGroupsAreAskedOfAllNodesInService() {
        RequestParts parts = RequestParts.of(new ListGroupsRequestData(), IMAGE, HERE);
        assertThat(parts.allNodes()).isTrue();
        assertThat(parts.byNode().keySet()).containsExactlyInAnyOrder(1, 2, 3);
        ListGroupsResponseData some = new ListGroupsResponseData()
                .setGroups(List.of(new ListGroupsResponseData.ListedGroup().setGroupId("a")));
        ListGroupsResponseData more = new ListGroupsResponseData()
                .setErrorCode((short) 14)
                .setGroups(List.of(new ListGroupsResponseData.ListedGroup().setGroupId("b")));
        ListGroupsResponseData merged = (ListGroupsResponseData) RequestParts.merged(List.of(some, more));
        assertThat(merged.groups()).hasSize(2);
        assertThat(merged.errorCode()).as("that something may be missing").isEqualTo((short) 14);
    }

    @Test
    void partitionsAreAskedWhereTheyAreLed() {
        DeleteRecordsRequestData request = new DeleteRecordsRequestData().setTimeoutMs(5);
        request.topics()
                .add(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName("t")
                        .setPartitions(IntStream.range(0, 4)
                                .mapToObj(i -> new DeleteRecordsRequestData.DeleteRecordsPartition()
                                        .setPartitionIndex(i)
                                        .setOffset(10 + i))
                                .toList()));
        Map<Integer, ApiMessage> parts = parts(request);
        assertThat(indexes(parts.get(1))).as("its own, and what nobody leads").containsExactly(0, 3);
        assertThat(indexes(parts.get(2))).containsExactly(1);
        assertThat(indexes(parts.get(3))).containsExactly(2);
        List<ApiMessage> answers = new ArrayList<>();
        parts.values().forEach(part -> answers.add(answer((DeleteRecordsRequestData) part)));
        DeleteRecordsResponseData merged = (DeleteRecordsResponseData) RequestParts.merged(answers);
        assertThat(merged.topics()).hasSize(1);
        assertThat(merged.topics().find("t").partitions()).hasSize(4);
    }

    private static List<Integer> indexes(ApiMessage part) {
        assertThat(((DeleteRecordsRequestData) part).timeoutMs()).isEqualTo(5);
        return ((DeleteRecordsRequestData) part)
                .topics().get(0).partitions().stream()
                        .map(DeleteRecordsRequestData.DeleteRecordsPartition::partitionIndex)
                        .toList();
    }

    private static ApiMessage answer(DeleteRecordsRequestData request) {
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        request.topics().forEach(topic -> {
            DeleteRecordsResponseData.DeleteRecordsTopicResult result =
                    new DeleteRecordsResponseData.DeleteRecordsTopicResult().setName(topic.name());
            topic.partitions().forEach(partition -> result.partitions()
                    .add(new DeleteRecordsResponseData.DeleteRecordsPartitionResult()
                            .setPartitionIndex(partition.partitionIndex())));
            response.topics().add(result);
        });
        return response;
    }

    @Test
    void aNodeIsAskedForItsOwnConfigurationAndAnyForATopics() {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData()
                .setResources(List.of(
                        resource(ConfigResource.Type.TOPIC, "t"),
                        resource(ConfigResource.Type.BROKER, "2"),
                        resource(ConfigResource.Type.BROKER, "77")));
        Map<Integer, ApiMessage> parts = parts(request);
        assertThat(parts.keySet()).containsExactlyInAnyOrder(1, 2);
        assertThat(((DescribeConfigsRequestData) parts.get(2)).resources())
                .singleElement()
                .satisfies(it -> assertThat(it.resourceName()).isEqualTo("2"));
    }

    private static DescribeConfigsRequestData.DescribeConfigsResource resource(ConfigResource.Type type, String name) {
        return new DescribeConfigsRequestData.DescribeConfigsResource()
                .setResourceType(type.id())
                .setResourceName(name);
    }

    private static Map<Integer, ApiMessage> parts(ApiMessage request) {
        return RequestParts.of(request, IMAGE, HERE).byNode();
    }

    private static ClusterImage image() {
        Map<String, TopicImage> topics = new HashMap<>();
        Map<Uuid, String> names = new HashMap<>();
        for (String name : List.of("t", Topic.GROUP_METADATA_TOPIC_NAME)) {
            Uuid id = Uuid.randomUuid();
            names.put(id, name);
            topics.put(
                    name,
                    new TopicImage(
                            name,
                            id,
                            IntStream.range(0, 4)
                                    .mapToObj(i -> partition(i, i == 3 ? PartitionImage.NO_LEADER : i + 1))
                                    .toList(),
                            Map.of()));
        }
        Map<Integer, BrokerImage> brokers = new HashMap<>();
        for (int node = 1; node <= 4; node++) {
            brokers.put(
                    node, new BrokerImage(node, 1, Uuid.randomUuid(), List.of(), Optional.empty(), node == 4, false));
        }
        return new ClusterImage("c", 1, 1, topics, names, brokers, Map.of(), Map.of(), Map.of(), Map.of(), 0);
    }

    private static PartitionImage partition(int index, int leader) {
        return new PartitionImage(
                index, List.of(1, 2, 3), List.of(1, 2, 3), List.of(), List.of(), List.of(), List.of(), leader, 0, 0);
    }
}
