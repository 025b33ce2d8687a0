// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerConfig.Liveness;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsAltered;
import io.tailrace.cluster.metadata.ControllerReply.ReassignmentsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterPartition;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.IsrChange;
import io.tailrace.cluster.metadata.ControllerRequest.IsrMember;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Whom a reassignment takes out, and when: what was committed must not be left to fewer than have to be in sync. */
class ReassignmentTest {

    private final ControllerHarness harness = ControllerHarness.leading(
                    new ControllerConfig(
                            1,
                            ControllerHarness.CLUSTER,
                            new TopicDefaults(1, 1, true),
                            Map.of(),
                            Optional.empty(),
                            new Liveness(6_000, 1_000, true, 60_000)),
                    ConfigPolicy.permissive())
            .withNodes("a", "a");

    private void create(Integer... replicas) {
        harness.ask(new CreateTopics(
                List.of(new NewTopic(
                        "t",
                        -1,
                        -1,
                        new TreeMap<>(Map.of(0, List.of(replicas))),
                        Map.of("min.insync.replicas", Optional.of("2")))),
                false));
    }

    private PartitionImage partition() {
        return harness.published().partition("t", 0).orElseThrow();
    }

    private void reassign(Integer... replicas) {
        reassign(Optional.of(List.of(replicas)));
    }

    private void reassign(Optional<List<Integer>> replicas) {
        var reply = (ReassignmentsAltered) harness.ask(
                new AlterReassignments(List.of(new Reassignment(new TopicPartition("t", 0), replicas)), true));
        assertThat(reply.partitions().get(0).outcome().error()).isEqualTo(Errors.NONE);
    }

    /** The leader, node 2, finds these in sync. */
    private void inSync(Integer... isr) {
        PartitionImage now = partition();
        ClusterImage image = harness.published();
        List<IsrMember> members = Stream.of(isr)
                .map(node -> new IsrMember(node, image.brokers().get(node).epoch()))
                .toList();
        IsrChange change =
                new IsrChange(image.topic("t").orElseThrow().id(), 0, now.leaderEpoch(), now.partitionEpoch(), members);
        var reply = (PartitionsAltered)
                harness.ask(new AlterPartition(2, image.brokers().get(2).epoch(), List.of(change)));
        assertThat(reply.partitions().get(0).outcome().error()).isIn(Errors.NONE, Errors.NEW_LEADER_ELECTED);
    }

    @Test
    void oneThatAddsNobodyWaitsUntilAllThatStayAreInSync() {
        create(2, 3, 1);
        inSync(2, 1);

        reassign(3, 1);
        assertThat(partition().replicas()).containsExactly(3, 1, 2);
        assertThat(partition().isr()).containsExactly(2, 1);

        inSync(2, 1, 3);
        assertThat(partition().replicas()).containsExactly(3, 1);
        assertThat(partition().isr()).containsExactlyInAnyOrder(3, 1);
        assertThat(partition().removingReplicas()).isEmpty();
    }

    @Test
    void oneThatAddsWaitsForThoseThatStayToo() {
        create(2, 3);
        inSync(2);

        reassign(3, 1);
        inSync(2, 1);
        assertThat(partition().isr()).containsExactly(2, 1);

        inSync(2, 1, 3);
        assertThat(partition().replicas()).containsExactly(3, 1);
    }

    @Test
    void oneInThePlaceOfAnotherKeepsWhomThatOneBroughtInSync() {
        create(2, 3);
        reassign(2, 3, 1);
        inSync(2, 1);

        reassign(2, 3);
        assertThat(partition().isr()).containsExactly(2, 1);
        assertThat(partition().removingReplicas()).containsExactly(1);

        inSync(2, 1, 3);
        assertThat(partition().replicas()).containsExactly(2, 3);
        assertThat(partition().addingReplicas()).isEmpty();
    }

    @Test
    void oneInThePlaceOfAnotherLetsGoWhomNobodyTrusts() {
        create(2, 3);
        reassign(2, 3, 1);

        reassign(3, 2);

        assertThat(partition().replicas()).containsExactly(3, 2);
        assertThat(partition().removingReplicas()).isEmpty();
    }

    @Test
    void aCancelGoesBackToTheReplicasBeforeTheFirstOfTwo() {
        create(2, 3);
        reassign(2, 3, 1);
        inSync(2, 1);
        reassign(2, 3);

        reassign(Optional.empty());

        assertThat(partition().replicas()).containsExactly(2, 3);
        assertThat(partition().addingReplicas()).isEmpty();
        assertThat(partition().removingReplicas()).isEmpty();
    }
}
