// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static io.tailrace.cluster.metadata.ControllerHarness.create;
import static io.tailrace.cluster.metadata.ControllerHarness.topic;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerReply.CreatedTopic;
import io.tailrace.cluster.metadata.ControllerReply.DeletedTopic;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsCreated;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerReply.TopicsDeleted;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.MorePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.ControllerRequest.TopicRef;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicDecisionsTest {

    private final ControllerHarness harness = ControllerHarness.leading();

    private CreatedTopic createOne(NewTopic topic) {
        return ((TopicsCreated) harness.ask(create(topic))).topics().get(0);
    }

    private static NewTopic assigned(Integer... firstReplicas) {
        TreeMap<Integer, List<Integer>> assignment = new TreeMap<>();
        for (int i = 0; i < firstReplicas.length; i++) {
            assignment.put(i, List.of(firstReplicas[i]));
        }
        return new NewTopic("t", -1, -1, assignment, Map.of());
    }

    private static NewTopic assigned(TreeMap<Integer, List<Integer>> assignment) {
        return new NewTopic("t", -1, -1, assignment, Map.of());
    }

    @Test
    void createsATopicWithPartitionsOnEpochZero() {
        CreatedTopic reply = createOne(topic("t", 5, 1));
        assertThat(reply.outcome()).isEqualTo(Outcome.ok());
        assertThat(reply.partitions()).isEqualTo(5);
        assertThat(reply.replicationFactor()).isEqualTo(1);
        TopicImage image = harness.published().topic(reply.id()).orElseThrow();
        assertThat(image.partitions()).hasSize(5).allMatch(it -> it.leader() == 1 && it.leaderEpoch() == 0);
    }

    @Test
    void takesTheDefaultsForMinusOne() {
        CreatedTopic reply = createOne(topic("t", -1, -1));
        assertThat(reply.partitions()).isEqualTo(3);
        assertThat(reply.replicationFactor()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../x", "a b", "ä", "a:b", "a\u0000"})
    void refusesAnIllegalName(String name) {
        assertThat(createOne(topic(name, 1, 1)).outcome().error()).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void allowsNamesOf249CharactersAndNoMore() {
        assertThat(createOne(topic("x".repeat(249), 1, 1)).outcome().error()).isEqualTo(Errors.NONE);
        assertThat(createOne(topic("x".repeat(250), 1, 1)).outcome().error()).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void refusesANameThatDiffersOnlyInDotsAndUnderscores() {
        assertThat(createOne(topic("a.b_c", 1, 1)).outcome().error()).isEqualTo(Errors.NONE);
        assertThat(createOne(topic("a_b.c", 1, 1)).outcome().error()).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        harness.ask(new DeleteTopics(List.of(TopicRef.named("a.b_c"))));
        assertThat(createOne(topic("a_b.c", 1, 1)).outcome().error()).isEqualTo(Errors.NONE);
    }

    @Test
    void refusesTheMetadataTopic() {
        assertThat(createOne(topic("__cluster_metadata", 1, 1)).outcome().error())
                .isEqualTo(Errors.INVALID_REQUEST);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, INVALID_PARTITIONS",
        "-2, 1, INVALID_PARTITIONS",
        "1, 0, INVALID_REPLICATION_FACTOR",
        "1, -2, INVALID_REPLICATION_FACTOR",
        "1, 2, INVALID_REPLICATION_FACTOR",
        "2147483647, 1, POLICY_VIOLATION"
    })
    void refusesBadNumbers(int partitions, int factor, Errors error) {
        assertThat(createOne(topic("t", partitions, factor)).outcome().error()).isEqualTo(error);
        assertThat(harness.published().topics()).isEmpty();
    }

    @Test
    void refusesATopicThatExists() {
        harness.created("t", 1, 1);
        assertThat(createOne(topic("t", 1, 1)).outcome().error()).isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
    }

    @Test
    void judgesTopicsOfOneRequestOneByOne() {
        var reply = (TopicsCreated) harness.ask(
                create(topic("good", 1, 1), topic("bad/", 1, 1), topic("twice", 1, 1), topic("twice", 2, 1)));
        assertThat(reply.topics().stream().map(it -> it.outcome().error()).toList())
                .isEqualTo(List.of(
                        Errors.NONE, Errors.INVALID_TOPIC_EXCEPTION, Errors.INVALID_REQUEST, Errors.INVALID_REQUEST));
        assertThat(harness.published().topics()).containsOnlyKeys("good");
    }

    @Test
    void changesNothingWhenOnlyValidating() {
        long version = harness.published().version();
        var reply = (TopicsCreated) harness.ask(new CreateTopics(List.of(topic("a.b", 2, 1), topic("c", 1, 9)), true));
        assertThat(reply.topics().get(0).outcome()).isEqualTo(Outcome.ok());
        assertThat(reply.topics().get(0).id()).isEqualTo(Uuid.ZERO_UUID);
        assertThat(reply.topics().get(1).outcome().error()).isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(harness.published().version()).isEqualTo(version);
        assertThat(createOne(topic("a_b", 1, 1)).outcome()).isEqualTo(Outcome.ok());
    }

    @Test
    void takesReplicasThatAPersonChose() {
        harness.withNodes("a", "b");
        TreeMap<Integer, List<Integer>> assignment = new TreeMap<>(Map.of(0, List.of(3, 1), 1, List.of(2, 3)));
        assertThat(createOne(assigned(assignment)).replicationFactor()).isEqualTo(2);
        TopicImage image = harness.published().topic("t").orElseThrow();
        assertThat(image.partitions().get(0)).isEqualTo(PartitionImage.created(0, List.of(3, 1)));
        assertThat(image.partitions().get(1)).isEqualTo(PartitionImage.created(1, List.of(2, 3)));
    }

    @Test
    void refusesReplicasThatCannotBe() {
        harness.withNodes("a");
        assertThat(createOne(assigned(7)).outcome().error()).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        for (TreeMap<Integer, List<Integer>> bad : List.of(
                new TreeMap<Integer, List<Integer>>(Map.of(1, List.of(1))),
                new TreeMap<Integer, List<Integer>>(Map.of(0, List.<Integer>of())),
                new TreeMap<Integer, List<Integer>>(Map.of(0, List.of(1, 1))),
                new TreeMap<Integer, List<Integer>>(Map.of(0, List.of(1), 1, List.of(1, 2))))) {
            assertThat(createOne(assigned(bad)).outcome().error())
                    .as("%s", bad)
                    .isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        }
        NewTopic both = new NewTopic("t", 1, -1, assigned(1).assignment(), Map.of());
        assertThat(createOne(both).outcome().error()).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void leavesFencedNodesOutOfTheFirstIsr() {
        harness.ask(ControllerHarness.registration(2, Optional.empty()));
        TreeMap<Integer, List<Integer>> assignment = new TreeMap<>(Map.of(0, List.of(2, 1)));
        createOne(assigned(assignment));
        PartitionImage partition = harness.published().partition("t", 0).orElseThrow();
        assertThat(partition.isr()).isEqualTo(List.of(1));
        assertThat(partition.leader()).isEqualTo(1);
        assertThat(createOne(new NewTopic("u", -1, -1, assigned(2).assignment(), Map.of()))
                        .outcome()
                        .error())
                .isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    }

    @Test
    void refusesAConfigWithoutAValue() {
        NewTopic topic = new NewTopic("t", 1, 1, new TreeMap<>(), Map.of("retention.ms", Optional.empty()));
        assertThat(createOne(topic).outcome().error()).isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void asksThePolicyAboutConfigs() {
        ControllerHarness strict = ControllerHarness.leading(ControllerHarness.config(), new ListPolicy());
        var reply = (TopicsCreated) strict.ask(create(
                new NewTopic("good", 1, 1, new TreeMap<>(), Map.of("list", Optional.of("a"))),
                new NewTopic("bad", 1, 1, new TreeMap<>(), Map.of("unknown", Optional.of("a")))));
        assertThat(reply.topics().get(0).configs()).isEqualTo(Map.of("list", "a"));
        assertThat(reply.topics().get(1).outcome().error()).isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void deletesByNameAndById() {
        Uuid id = harness.created("a", 1, 1);
        harness.created("b", 1, 1);
        var reply =
                (TopicsDeleted) harness.ask(new DeleteTopics(List.of(TopicRef.identified(id), TopicRef.named("b"))));
        assertThat(reply.topics()).allMatch(it -> it.outcome().isOk());
        assertThat(reply.topics().get(0).name()).contains("a");
        assertThat(harness.published().topics()).isEmpty();
        assertThat(harness.published().topicNames()).isEmpty();
    }

    @Test
    void refusesToDeleteWhatItCannotFindOrIsToldTwice() {
        Uuid id = harness.created("a", 1, 1);
        var reply = (TopicsDeleted) harness.ask(new DeleteTopics(List.of(
                TopicRef.named("x"),
                TopicRef.identified(new Uuid(5, 5)),
                new TopicRef(Optional.of("y"), new Uuid(6, 6)),
                new TopicRef(Optional.empty(), Uuid.ZERO_UUID),
                TopicRef.named("a"),
                TopicRef.identified(id))));
        assertThat(reply.topics().stream()
                        .map(DeletedTopic::outcome)
                        .map(Outcome::error)
                        .toList())
                .isEqualTo(List.of(
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        Errors.UNKNOWN_TOPIC_ID,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST));
        assertThat(harness.published().topics()).hasSize(1);
    }

    @Test
    void deletesNothingWhereThatIsSwitchedOff() {
        ControllerConfig config = new ControllerConfig(
                ControllerHarness.NODE, ControllerHarness.CLUSTER, new TopicDefaults(1, 1, false), Map.of());
        ControllerHarness strict = ControllerHarness.leading(config, ConfigPolicy.permissive());
        strict.created("a", 1, 1);
        var reply = (TopicsDeleted) strict.ask(new DeleteTopics(List.of(TopicRef.named("a"))));
        assertThat(reply.topics().get(0).outcome().error()).isEqualTo(Errors.TOPIC_DELETION_DISABLED);
    }

    private List<Errors> extend(boolean validateOnly, MorePartitions... more) {
        var reply = (PartitionsCreated) harness.ask(new CreatePartitions(Arrays.asList(more), validateOnly));
        return reply.topics().stream().map(it -> it.outcome().error()).toList();
    }

    @Test
    void addsPartitions() {
        harness.created("t", 2, 1);
        assertThat(extend(false, new MorePartitions("t", 5, Optional.empty()))).containsExactly(Errors.NONE);
        assertThat(harness.published().topic("t").orElseThrow().partitions())
                .extracting(PartitionImage::index)
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(extend(false, new MorePartitions("t", 6, Optional.of(List.of(List.of(1))))))
                .containsExactly(Errors.NONE);
    }

    @Test
    void refusesPartitionsThatCannotBeAdded() {
        harness.created("t", 2, 1);
        assertThat(extend(
                        false,
                        new MorePartitions("x", 3, Optional.empty()),
                        new MorePartitions("y", 3, Optional.empty()),
                        new MorePartitions("y", 3, Optional.empty())))
                .containsExactly(Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.INVALID_REQUEST, Errors.INVALID_REQUEST);
        assertThat(extend(false, new MorePartitions("t", 2, Optional.empty())))
                .containsExactly(Errors.INVALID_PARTITIONS);
        assertThat(extend(false, new MorePartitions("t", 1, Optional.empty())))
                .containsExactly(Errors.INVALID_PARTITIONS);
        assertThat(extend(false, new MorePartitions("t", Integer.MAX_VALUE, Optional.empty())))
                .containsExactly(Errors.POLICY_VIOLATION);
        assertThat(extend(false, new MorePartitions("t", 4, Optional.of(List.of(List.of(1))))))
                .containsExactly(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(extend(false, new MorePartitions("t", 3, Optional.of(List.of(List.of(9))))))
                .containsExactly(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(extend(true, new MorePartitions("t", 3, Optional.empty()))).containsExactly(Errors.NONE);
        assertThat(harness.published().topic("t").orElseThrow().partitions()).hasSize(2);
    }
}
