// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerReply.FeaturesUpdated;
import io.tailrace.cluster.metadata.ControllerReply.HeartbeatTaken;
import io.tailrace.cluster.metadata.ControllerReply.LeadersElected;
import io.tailrace.cluster.metadata.ControllerReply.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.ControllerReply.Reassignments;
import io.tailrace.cluster.metadata.ControllerReply.ReassignmentsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.tailrace.cluster.metadata.ControllerRequest.Downgrade;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.ControllerRequest.FeatureUpdate;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.ListReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Registration, fencing, producer ids, elections, reassignments, features. */
class NodeDecisionsTest {

    private static final TopicPartition T0 = new TopicPartition("t", 0);

    private final ControllerHarness harness = ControllerHarness.leading();

    private BrokerRegistered register(int node, Uuid incarnation, String cluster) {
        return (BrokerRegistered)
                harness.ask(new RegisterBroker(node, incarnation, cluster, List.of(), Optional.empty()));
    }

    private long epoch(int node) {
        return java.util.Objects.requireNonNull(harness.published().brokers().get(node))
                .epoch();
    }

    private Errors fence(int node, boolean fenced) {
        return ((Done) harness.ask(new FenceBroker(node, epoch(node), fenced)))
                .outcome()
                .error();
    }

    private PartitionImage partition() {
        return harness.published().partition("t", 0).orElseThrow();
    }

    @Test
    void givesEachStartOfANodeAHigherEpoch() {
        long first = epoch(1);
        BrokerRegistered second = register(1, new Uuid(7, 7), ControllerHarness.CLUSTER);
        assertThat(second.outcome()).isEqualTo(Outcome.ok());
        assertThat(second.brokerEpoch()).isGreaterThan(first).isEqualTo(epoch(1));
        assertThat(harness.published().brokers().get(1)).matches(it -> !it.fenced());
    }

    @Test
    void answersARetryOfOneStartWithTheSameEpoch() {
        long first = register(1, new Uuid(7, 7), ControllerHarness.CLUSTER).brokerEpoch();
        assertThat(register(1, new Uuid(7, 7), ControllerHarness.CLUSTER).brokerEpoch())
                .isEqualTo(first);
    }

    @Test
    void refusesACloneOfANodeThatRuns() {
        harness.withNodes("a");
        assertThat(register(2, new Uuid(7, 7), ControllerHarness.CLUSTER)
                        .outcome()
                        .error())
                .isEqualTo(Errors.DUPLICATE_BROKER_REGISTRATION);
        fence(2, true);
        assertThat(register(2, new Uuid(7, 7), ControllerHarness.CLUSTER).outcome())
                .isEqualTo(Outcome.ok());
    }

    @Test
    void refusesANodeOfAnotherCluster() {
        assertThat(register(2, new Uuid(7, 7), "other").outcome().error()).isEqualTo(Errors.INCONSISTENT_CLUSTER_ID);
    }

    @Test
    void handsOutBlocksOfProducerIds() {
        var first = (ProducerIdsAllocated) harness.ask(new AllocateProducerIds(1, epoch(1)));
        var second = (ProducerIdsAllocated) harness.ask(new AllocateProducerIds(1, epoch(1)));
        assertThat(first).isEqualTo(new ProducerIdsAllocated(Outcome.ok(), 0, 1000));
        assertThat(second).isEqualTo(new ProducerIdsAllocated(Outcome.ok(), 1000, 1000));
    }

    @Test
    void refusesCommandsOfAnEarlierStart() {
        var stale = (ProducerIdsAllocated) harness.ask(new AllocateProducerIds(1, epoch(1) - 1));
        assertThat(stale.outcome().error()).isEqualTo(Errors.STALE_BROKER_EPOCH);
        var unknown = (Done) harness.ask(new FenceBroker(5, 1, true));
        assertThat(unknown.outcome().error()).isEqualTo(Errors.STALE_BROKER_EPOCH);
    }

    @Test
    void movesLeadershipWhenANodeIsFenced() {
        harness.withNodes("a", "b");
        harness.created("t", 6, 3);
        PartitionImage before = harness.published().topic("t").orElseThrow().partitions().stream()
                .filter(it -> it.leader() == 2)
                .findFirst()
                .orElseThrow();
        fence(2, true);
        PartitionImage after =
                harness.published().partition("t", before.index()).orElseThrow();
        assertThat(after.leader()).isEqualTo(before.replicas().get(1));
        assertThat(after.leaderEpoch()).isEqualTo(1);
        assertThat(after.isr()).doesNotContain(2).hasSize(2);
        assertThat(harness.published().topic("t").orElseThrow().partitions()).noneMatch(it -> it.leader() == 2);
    }

    @Test
    void waitsForTheLastInSyncReplica() {
        harness.created("t", 1, 1);
        fence(1, true);
        assertThat(partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        assertThat(partition().isr()).isEqualTo(List.of(1));
        fence(1, false);
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(2);
    }

    @Test
    void forgetsANodeThatIsUnregistered() {
        harness.withNodes("a");
        assertThat(((Done) harness.ask(new UnregisterBroker(2))).outcome()).isEqualTo(Outcome.ok());
        assertThat(harness.published().brokers()).containsOnlyKeys(1);
        assertThat(((Done) harness.ask(new UnregisterBroker(2))).outcome().error())
                .isEqualTo(Errors.BROKER_ID_NOT_REGISTERED);
    }

    @Test
    void tellsANodeThatWasUnregisteredAtItsHeartbeat() {
        harness.withNodes("a");
        long epoch = Optional.ofNullable(harness.published().brokers().get(2))
                .orElseThrow()
                .epoch();
        harness.ask(new UnregisterBroker(2));
        var taken = (HeartbeatTaken)
                harness.ask(new BrokerHeartbeat(2, epoch, harness.published().version(), false, false));
        assertThat(taken.outcome().error()).isEqualTo(Errors.BROKER_ID_NOT_REGISTERED);
    }

    @Test
    void doesNotUnregisterTheControllersOwnNode() {
        assertThat(((Done) harness.ask(new UnregisterBroker(1))).outcome().error())
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(harness.published().brokers()).containsOnlyKeys(1);
    }

    private Errors elect(boolean unclean, TopicPartition partition) {
        var reply = (LeadersElected) harness.ask(new ElectLeaders(unclean, Optional.of(List.of(partition))));
        return reply.partitions().get(0).outcome().error();
    }

    @Test
    void saysWhenNoElectionIsNeededOrPossible() {
        harness.created("t", 1, 1);
        assertThat(elect(false, T0)).isEqualTo(Errors.ELECTION_NOT_NEEDED);
        assertThat(elect(true, T0)).isEqualTo(Errors.ELECTION_NOT_NEEDED);
        assertThat(elect(false, new TopicPartition("t", 1))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        var all = (LeadersElected) harness.ask(new ElectLeaders(false, Optional.empty()));
        assertThat(all.partitions()).isEmpty();
        fence(1, true);
        assertThat(elect(false, T0)).isEqualTo(Errors.PREFERRED_LEADER_NOT_AVAILABLE);
        assertThat(elect(true, T0)).isEqualTo(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    }

    @Test
    void electsAReplicaOutOfSyncOnlyWhenToldTo() {
        harness.withNodes("a");
        harness.created("t", 1, 2);
        int other = 3 - partition().leader();
        int leader = partition().leader();
        fence(other, true);
        fence(leader, true);
        fence(other, false);
        assertThat(partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        assertThat(elect(true, T0)).isEqualTo(Errors.NONE);
        assertThat(partition().leader()).isEqualTo(other);
        assertThat(partition().isr()).isEqualTo(List.of(other));
    }

    private Errors reassign(boolean factorMayChange, Integer... replicas) {
        return reassign(new Reassignment(T0, Optional.of(List.of(replicas))), factorMayChange);
    }

    private Errors reassign(Reassignment reassignment, boolean factorMayChange) {
        var reply = (ReassignmentsAltered) harness.ask(new AlterReassignments(List.of(reassignment), factorMayChange));
        return reply.partitions().get(0).outcome().error();
    }

    @Test
    void answersReassignmentsOfASingleNodeAsKafkaDoes() {
        harness.created("t", 1, 1);
        int entries = harness.log.size();
        assertThat(reassign(true, 1)).isEqualTo(Errors.NONE);
        assertThat(harness.log).hasSize(entries);
        assertThat(reassign(true, 2)).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(reassign(new Reassignment(T0, Optional.empty()), true))
                .isEqualTo(Errors.NO_REASSIGNMENT_IN_PROGRESS);
        assertThat(reassign(new Reassignment(new TopicPartition("x", 0), Optional.empty()), true))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(harness.ask(new ListReassignments(Optional.empty())))
                .isEqualTo(new Reassignments(Outcome.ok(), List.of()));
    }

    @Test
    void startsListsAndCancelsAReassignment() {
        harness.withNodes("a", "b");
        harness.ask(new ControllerRequest.CreateTopics(
                List.of(new ControllerRequest.NewTopic(
                        "t", -1, -1, new java.util.TreeMap<>(java.util.Map.of(0, List.of(1, 2))), java.util.Map.of())),
                false));
        assertThat(reassign(false, 3)).isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(reassign(false, 3, 1)).isEqualTo(Errors.NONE);
        assertThat(partition().replicas()).isEqualTo(List.of(3, 1, 2));
        assertThat(partition().addingReplicas()).isEqualTo(List.of(3));
        assertThat(partition().removingReplicas()).isEqualTo(List.of(2));
        var listed = (Reassignments) harness.ask(new ListReassignments(Optional.of(List.of(T0))));
        assertThat(listed.ongoing()).hasSize(1);

        assertThat(reassign(new Reassignment(T0, Optional.empty()), true)).isEqualTo(Errors.NONE);
        assertThat(partition().replicas()).containsExactlyInAnyOrder(1, 2);
        assertThat(partition().addingReplicas()).isEmpty();
        assertThat(partition().leader()).isEqualTo(1);
    }

    @Test
    void finishesAtOnceWhenNothingHasToBeCopied() {
        harness.withNodes("a");
        harness.created("t", 1, 2);
        assertThat(reassign(true, 2)).isEqualTo(Errors.NONE);
        assertThat(partition().replicas()).isEqualTo(List.of(2));
        assertThat(partition().isr()).isEqualTo(List.of(2));
        assertThat(partition().leader()).isEqualTo(2);
    }

    private FeaturesUpdated update(String feature, int level, Downgrade downgrade) {
        return (FeaturesUpdated)
                harness.ask(new UpdateFeatures(List.of(new FeatureUpdate(feature, (short) level, downgrade)), false));
    }

    @Test
    void movesFeatureLevelsWithinWhatIsSupported() {
        assertThat(update("metadata.version", 28, Downgrade.NOT_ALLOWED)
                        .outcome()
                        .error())
                .isEqualTo(Errors.INVALID_UPDATE_VERSION);
        assertThat(update("metadata.version", 28, Downgrade.SAFE).outcome()).isEqualTo(Outcome.ok());
        assertThat(harness.published().features()).containsEntry("metadata.version", (short) 28);
        assertThat(update("metadata.version", 30, Downgrade.NOT_ALLOWED)
                        .outcome()
                        .error())
                .isEqualTo(Errors.INVALID_UPDATE_VERSION);
        assertThat(update("metadata.version", 0, Downgrade.UNSAFE).outcome().error())
                .isEqualTo(Errors.INVALID_UPDATE_VERSION);
        assertThat(update("unknown", 1, Downgrade.NOT_ALLOWED)
                        .features()
                        .get(0)
                        .outcome()
                        .error())
                .isEqualTo(Errors.INVALID_UPDATE_VERSION);
    }
}
