// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.broker.Fleet.Protocol;
import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.net.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Groups of a cluster of three: whichever node a client begins with, it finds them; and they move with their partition. */
class ClusterGroupsIT {

    private static final int PARTITIONS = 6;
    private static final int GROUPS = 12;
    private static final String[] SETTINGS = {
        "offsets.topic.num.partitions", Integer.toString(PARTITIONS),
        "group.consumer.heartbeat.interval.ms", "300",
        "group.consumer.min.heartbeat.interval.ms", "300"
    };

    @TempDir
    private static Path dir;

    private static ClusterProcesses cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ClusterProcesses(dir, 3);
        for (int node = 1; node <= 3; node++) {
            cluster.start(node, SETTINGS);
        }
        try (Admin admin = cluster.admin()) {
            cluster.eventually(() -> assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                    .hasSize(3));
            admin.createTopics(List.of(new NewTopic("t", 2, (short) 3))).all().get(60, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Groups that only hold offsets, in all partitions of {@code __consumer_offsets}. */
    private static List<String> idleGroups(String prefix) throws Exception {
        List<String> groups =
                IntStream.range(0, GROUPS).mapToObj(i -> prefix + i).toList();
        assertThat(groups.stream().map(group -> GroupCoordinators.partitionOf(group, PARTITIONS)))
                .as("the names reach all partitions")
                .contains(IntStream.range(0, PARTITIONS).boxed().toArray(Integer[]::new));
        try (Admin admin = cluster.admin()) {
            for (int i = 0; i < GROUPS; i++) {
                commit(admin, groups.get(i), 10 + i);
            }
        }
        return groups;
    }

    private static void commit(Admin admin, String group, long offset) throws Exception {
        admin.alterConsumerGroupOffsets(
                        group,
                        Map.of(
                                new TopicPartition("t", 0), new OffsetAndMetadata(offset, Optional.of(3), "note"),
                                new TopicPartition("t", 1), new OffsetAndMetadata(offset + 1)))
                .all()
                .get(60, TimeUnit.SECONDS);
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, String group) throws Exception {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void everyNodeNamesTheSameCoordinatorAndTheOthersSendItsClientsThere() throws Exception {
        List<String> groups = idleGroups("found-");
        Map<Integer, Integer> leaders = leaders();
        Set<Integer> coordinators = leaders.values().stream().collect(Collectors.toSet());
        assertThat(coordinators).as("every node coordinates something").hasSize(3);
        for (int node = 1; node <= 3; node++) {
            try (RawClient client = new RawClient(port(node))) {
                FindCoordinatorResponseData found = ask(
                        client,
                        ApiKeys.FIND_COORDINATOR,
                        4,
                        new FindCoordinatorRequestData().setCoordinatorKeys(groups),
                        new FindCoordinatorResponseData());
                for (var coordinator : found.coordinators()) {
                    assertThat(coordinator.nodeId())
                            .as("%s says node %d", coordinator.key(), node)
                            .isEqualTo(leaders.get(GroupCoordinators.partitionOf(coordinator.key(), PARTITIONS)));
                    assertThat(coordinator.host() + ":" + coordinator.port())
                            .isEqualTo(cluster.address(coordinator.nodeId()));
                }
                for (String group : groups) {
                    Errors expected = leaders.get(GroupCoordinators.partitionOf(group, PARTITIONS)) == node
                            ? Errors.NONE
                            : Errors.NOT_COORDINATOR;
                    assertThat(fetchError(client, group))
                            .as("%s at node %d", group, node)
                            .isEqualTo(expected);
                    assertThat(describeError(client, group))
                            .as("%s at node %d", group, node)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static Errors fetchError(RawClient client, String group) throws Exception {
        var request = new OffsetFetchRequestData()
                .setGroups(
                        List.of(new OffsetFetchRequestGroup().setGroupId(group).setTopics(null)));
        var response = ask(client, ApiKeys.OFFSET_FETCH, 8, request, new OffsetFetchResponseData());
        return Errors.forCode(response.groups().get(0).errorCode());
    }

    private static Errors describeError(RawClient client, String group) throws Exception {
        var request = new DescribeGroupsRequestData().setGroups(List.of(group));
        var response = ask(client, ApiKeys.DESCRIBE_GROUPS, 5, request, new DescribeGroupsResponseData());
        return Errors.forCode(response.groups().get(0).errorCode());
    }

    private static <T extends ApiMessage> T ask(
            RawClient client, ApiKeys api, int version, ApiMessage request, T response) throws Exception {
        client.send(api, version, 1, request);
        return client.receive(api, version, 1, response);
    }

    private static int port(int node) {
        return Integer.parseInt(cluster.address(node).replaceFirst(".*:", ""));
    }

    private static Map<Integer, Integer> leaders() throws Exception {
        try (Admin admin = cluster.admin()) {
            TopicDescription topic = admin.describeTopics(List.of(Topic.GROUP_METADATA_TOPIC_NAME))
                    .allTopicNames()
                    .get(60, TimeUnit.SECONDS)
                    .get(Topic.GROUP_METADATA_TOPIC_NAME);
            Map<Integer, Integer> leaders = new HashMap<>();
            topic.partitions()
                    .forEach(partition -> leaders.put(
                            partition.partition(), partition.leader().id()));
            return leaders;
        }
    }

    @Test
    void administrationWorksFromWhicheverNodeAClientBeginsWith() throws Exception {
        List<String> groups = idleGroups("idle-");
        try (Fleet classic = new Fleet(cluster.bootstrap(), "live-classic", 4, (short) 3, 45_000);
                Fleet consumer = new Fleet(cluster.bootstrap(), "live-consumer", 4, (short) 3, 45_000)) {
            classic.join(Protocol.CLASSIC, 2);
            consumer.join(Protocol.CONSUMER, 2);
            classic.untilSharedEvenly("classic", 0);
            consumer.untilSharedEvenly("consumer", 0);
            for (int node = 1; node <= 3; node++) {
                try (Admin admin = cluster.admin(node);
                        Admin elsewhere = cluster.admin(node % 3 + 1)) {
                    assertListed(admin, groups);
                    assertDescribed(admin);
                    assertOffsetsChange(admin, elsewhere, groups, node);
                    assertConfigsChange(admin, elsewhere, node);
                    assertDeleted(admin, elsewhere, groups.get(GROUPS - node));
                }
            }
        }
    }

    private static void assertListed(Admin admin, List<String> idle) throws Exception {
        List<String> wanted = new ArrayList<>(idle.subList(0, GROUPS - 3));
        wanted.addAll(List.of("live-classic", "live-consumer"));
        assertThat(admin.listGroups().all().get(60, TimeUnit.SECONDS).stream().map(GroupListing::groupId))
                .containsAll(wanted)
                .doesNotHaveDuplicates();
    }

    private static void assertDescribed(Admin admin) throws Exception {
        for (String group : List.of("live-classic", "live-consumer")) {
            ConsumerGroupDescription described = admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group)
                    .get(60, TimeUnit.SECONDS);
            assertThat(described.members()).hasSize(2).allSatisfy(member -> assertThat(
                            member.assignment().topicPartitions())
                    .hasSize(2));
            assertThat(described.coordinator().id())
                    .isEqualTo(leaders().get(GroupCoordinators.partitionOf(group, PARTITIONS)));
        }
    }

    private static void assertOffsetsChange(Admin admin, Admin elsewhere, List<String> groups, int node)
            throws Exception {
        for (int i = 0; i < GROUPS - 3; i++) {
            String group = groups.get(i);
            assertThat(offsets(admin, group).get(new TopicPartition("t", 0)))
                    .isEqualTo(new OffsetAndMetadata(10 + i + 100L * (node - 1), Optional.of(3), "note"));
            commit(admin, group, 10 + i + 100L * node);
            admin.deleteConsumerGroupOffsets(group, Set.of(new TopicPartition("t", 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            assertThat(offsets(elsewhere, group))
                    .containsOnlyKeys(new TopicPartition("t", 0))
                    .hasEntrySatisfying(new TopicPartition("t", 0), found -> assertThat(found.offset())
                            .isEqualTo(10 + group(group) + 100L * node));
        }
    }

    private static int group(String name) {
        return Integer.parseInt(name.replaceFirst(".*-", ""));
    }

    private static void assertConfigsChange(Admin admin, Admin elsewhere, int node) throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "live-consumer");
        String value = Integer.toString(50_000 + node);
        admin.incrementalAlterConfigs(Map.of(
                        group,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("consumer.session.timeout.ms", value), AlterConfigOp.OpType.SET))))
                .all()
                .get(60, TimeUnit.SECONDS);
        cluster.eventually(() -> assertThat(elsewhere
                        .describeConfigs(List.of(group))
                        .all()
                        .get(60, TimeUnit.SECONDS)
                        .get(group)
                        .get("consumer.session.timeout.ms")
                        .value())
                .isEqualTo(value));
    }

    private static void assertDeleted(Admin admin, Admin elsewhere, String group) throws Exception {
        assertThatThrownBy(() -> admin.deleteConsumerGroups(List.of("live-classic"))
                        .all()
                        .get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(GroupNotEmptyException.class);
        admin.deleteConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() ->
                        elsewhere.deleteConsumerGroups(List.of(group)).all().get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(GroupIdNotFoundException.class);
        assertThat(elsewhere.listGroups().all().get(60, TimeUnit.SECONDS).stream()
                        .map(GroupListing::groupId))
                .doesNotContain(group);
    }

    /** Nobody fails: an operator moves the partition that the group lives in, and everything goes on at its new leader. */
    @ParameterizedTest
    @EnumSource(Protocol.class)
    void aGroupMovesWithItsPartitionWhileItsMembersWork(Protocol protocol) throws Exception {
        String group = "moving-" + protocol;
        try (Admin admin = cluster.admin();
                Fleet fleet = new Fleet(cluster.bootstrap(), group, 6, (short) 3, 45_000)) {
            fleet.startProducing();
            fleet.join(protocol, 3);
            fleet.untilSharedEvenly("before the move", 200);
            TopicPartition home = new TopicPartition(
                    Topic.GROUP_METADATA_TOPIC_NAME, GroupCoordinators.partitionOf(group, PARTITIONS));
            for (int move = 1; move <= 3; move++) {
                int from = leaders().get(home.partition());
                int to = from % 3 + 1;
                admin.alterPartitionReassignments(
                                Map.of(home, Optional.of(new NewPartitionReassignment(List.of(to, to % 3 + 1, from)))))
                        .all()
                        .get(60, TimeUnit.SECONDS);
                cluster.eventually(() -> {
                    electPreferred(admin, home);
                    assertThat(leaders()).containsEntry(home.partition(), to);
                });
                cluster.eventually(
                        () -> assertThat(coordinator(admin, group).id()).isEqualTo(to));
                fleet.untilSharedEvenly("after move " + move, 200);
                fleet.checkCommits();
            }
            fleet.stopProducing();
            fleet.untilAllIsRead("at the end");
            fleet.checkCommits();
        } catch (AssertionError e) {
            throw new AssertionError(cluster.outputs(), e);
        }
    }

    /** It may lead already: then there is nothing to elect. */
    private static void electPreferred(Admin admin, TopicPartition partition) throws Exception {
        admin.electLeaders(ElectionType.PREFERRED, Set.of(partition))
                .partitions()
                .get(60, TimeUnit.SECONDS);
    }

    private static Node coordinator(Admin admin, String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get(60, TimeUnit.SECONDS)
                .coordinator();
    }
}
