// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DescribeCluster, DescribeQuorum, UpdateFeatures, ElectLeaders, reassignments, UnregisterBroker. */
class ClusterApisTest {

    private static final Authorizer NO_ALTER = Asking.denyingCluster(ALTER);
    private static final Authorizer NO_DESCRIBE = Asking.denyingCluster(DESCRIBE);

    private final ControllerAtHand controller = new ControllerAtHand();

    @BeforeEach
    void addNodeAndTopic() {
        controller.addNode(2, new Endpoint("PLAINTEXT", "PLAINTEXT", "two", 92));
        Object unused = controller.ask(new CreateTopics(
                List.of(new NewTopic("t", -1, -1, new TreeMap<>(Map.of(0, List.of(1, 2))), Map.of())), false));
    }

    @Test
    void advertisesNothingThatIsNotThere() {
        AdminApis.Node node = new AdminApis.Node(
                ControllerAtHand.PROPERTIES,
                true,
                controller,
                controller,
                () -> Future.succeededFuture(QuorumState.alone(1, 1, 1, 0)),
                LogbackLevels.ofThisProcess());
        assertThat(AdminApis.all(node, Authorizer.allowAll()))
                .extracting(KafkaApi::key)
                .doesNotHaveDuplicates()
                .doesNotContain(
                        ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
                        ApiKeys.PUSH_TELEMETRY,
                        ApiKeys.ALTER_PARTITION,
                        ApiKeys.BROKER_REGISTRATION);
    }

    @Test
    void describesTheCluster() {
        controller.fence(2, controller.image().brokers().get(2).epoch(), true);
        DescribeClusterApi api = new DescribeClusterApi(controller, NO_DESCRIBE);
        for (short version : ApiKeys.DESCRIBE_CLUSTER.allVersions()) {
            DescribeClusterResponseData response = Asking.ask(
                    api, version, new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true));
            assertThat(response.clusterId()).isEqualTo(ControllerAtHand.CLUSTER);
            assertThat(response.controllerId()).isEqualTo(1);
            assertThat(response.brokers()).hasSize(1);
            assertThat(response.clusterAuthorizedOperations()).isZero();
        }
        DescribeClusterResponseData fenced =
                Asking.ask(api, 2, new DescribeClusterRequestData().setIncludeFencedBrokers(true));
        assertThat(fenced.brokers().find(2).isFenced()).isTrue();
        DescribeClusterResponseData wrong =
                Asking.ask(api, 1, new DescribeClusterRequestData().setEndpointType((byte) 2));
        assertThat(wrong.errorCode()).isEqualTo(Errors.MISMATCHED_ENDPOINT_TYPE.code());
    }

    @Test
    void describesTheQuorumAsPartition0OfTheMetadataTopic() {
        DescribeQuorumApi api = new DescribeQuorumApi(
                controller, () -> Future.succeededFuture(QuorumState.alone(1, 3, 42, 1000)), Authorizer.allowAll());
        DescribeQuorumRequestData request = new DescribeQuorumRequestData();
        request.topics()
                .add(new DescribeQuorumRequestData.TopicData()
                        .setTopicName("__cluster_metadata")
                        .setPartitions(List.of(new DescribeQuorumRequestData.PartitionData())));
        for (short version : ApiKeys.DESCRIBE_QUORUM.allVersions()) {
            DescribeQuorumResponseData response = Asking.ask(api, version, request);
            var partition = response.topics().getFirst().partitions().getFirst();
            assertThat(partition.leaderId() + " " + partition.leaderEpoch() + " " + partition.highWatermark())
                    .isEqualTo("1 3 42");
            assertThat(partition.currentVoters()).singleElement().satisfies(voter -> assertThat(voter.logEndOffset())
                    .isEqualTo(42));
            assertThat(response.nodes()).hasSize(version < 2 ? 0 : 1);
        }
        request.topics().getFirst().setTopicName("t");
        DescribeQuorumResponseData other = Asking.ask(api, 2, request);
        assertThat(other.topics().getFirst().partitions().getFirst().errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        DescribeQuorumResponseData denied = Asking.ask(
                new DescribeQuorumApi(
                        controller, () -> Future.succeededFuture(QuorumState.alone(1, 3, 42, 1000)), NO_DESCRIBE),
                2,
                request);
        assertThat(denied.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
    }

    private UpdateFeaturesResponseData update(int version, String feature, int level, UpgradeType type) {
        UpdateFeaturesRequestData request = new UpdateFeaturesRequestData();
        FeatureUpdateKey update = new FeatureUpdateKey().setFeature(feature).setMaxVersionLevel((short) level);
        request.featureUpdates()
                .add(version == 0 ? update.setAllowDowngrade(true) : update.setUpgradeType(type.code()));
        return Asking.ask(new UpdateFeaturesApi(controller, Authorizer.allowAll()), version, request);
    }

    @Test
    void changesAFeatureLevelOrTellsWhyNot() {
        UpdateFeaturesResponseData raised = update(2, "metadata.version", 29, UpgradeType.SAFE_DOWNGRADE);
        assertThat(raised.errorCode()).isZero();
        assertThat(controller.image().features()).containsEntry("metadata.version", (short) 29);
        UpdateFeaturesResponseData unknown = update(2, "no.such.feature", 1, UpgradeType.UPGRADE);
        assertThat(unknown.errorCode()).isNotZero();
        assertThat(unknown.errorMessage()).contains("no.such.feature");
        UpdateFeaturesResponseData old = update(1, "no.such.feature", 1, UpgradeType.UPGRADE);
        assertThat(old.errorCode()).isZero();
        assertThat(old.results().find("no.such.feature").errorCode()).isNotZero();
        UpdateFeaturesResponseData strange = update(2, "metadata.version", 30, UpgradeType.UNKNOWN);
        assertThat(strange.errorCode()).isEqualTo(Errors.INVALID_UPDATE_VERSION.code());
    }

    @Test
    void electsPreferredLeaders() {
        long epoch = controller.image().brokers().get(1).epoch();
        controller.fence(1, epoch, true);
        controller.fence(1, epoch, false);
        assertThat(controller.image().partition("t", 0).orElseThrow().leader()).isEqualTo(2);
        ElectLeadersApi api = new ElectLeadersApi(controller, Authorizer.allowAll());
        ElectLeadersRequestData request = new ElectLeadersRequestData();
        request.topicPartitions().add(new TopicPartitions().setTopic("t").setPartitions(List.of(0, 7)));
        ElectLeadersResponseData response = Asking.ask(api, 2, request);
        assertThat(response.errorCode()).isZero();
        assertThat(response.replicaElectionResults()).singleElement().satisfies(topic -> {
            assertThat(topic.topic()).isEqualTo("t");
            assertThat(topic.partitionResult()).hasSize(2);
            assertThat(Errors.forCode(topic.partitionResult().get(1).errorCode()))
                    .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        });
        ElectLeadersResponseData all = Asking.ask(api, 1, new ElectLeadersRequestData().setTopicPartitions(null));
        assertThat(all.errorCode()).isZero();
        ElectLeadersResponseData strange = Asking.ask(api, 2, new ElectLeadersRequestData().setElectionType((byte) 7));
        assertThat(strange.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        ElectLeadersResponseData denied = Asking.ask(new ElectLeadersApi(controller, NO_ALTER), 0, request);
        assertThat(denied.replicaElectionResults()
                        .getFirst()
                        .partitionResult()
                        .getFirst()
                        .errorCode())
                .isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
    }

    @Test
    void movesPartitionsListsTheMovesAndCallsThemOff() {
        controller.addNode(3, new Endpoint("PLAINTEXT", "PLAINTEXT", "three", 93));
        AlterPartitionReassignmentsApi api = new AlterPartitionReassignmentsApi(controller, Authorizer.allowAll());
        AlterPartitionReassignmentsResponseData moved = Asking.ask(api, 1, move(List.of(1, 3)));
        assertThat(outcomes(moved)).containsExactly("t-0 NONE", "t-9 UNKNOWN_TOPIC_OR_PARTITION");
        ListPartitionReassignmentsApi list = new ListPartitionReassignmentsApi(controller, Authorizer.allowAll());
        ListPartitionReassignmentsResponseData ongoing =
                Asking.ask(list, 0, new ListPartitionReassignmentsRequestData().setTopics(null));
        assertThat(ongoing.topics()).singleElement().satisfies(topic -> assertThat(topic.partitions())
                .singleElement()
                .satisfies(partition -> {
                    assertThat(partition.addingReplicas()).containsExactly(3);
                    assertThat(partition.removingReplicas()).containsExactly(2);
                }));
        AlterPartitionReassignmentsResponseData off = Asking.ask(api, 0, move(null));
        assertThat(outcomes(off)).contains("t-0 NONE");
        ListPartitionReassignmentsResponseData none =
                Asking.ask(list, 0, new ListPartitionReassignmentsRequestData().setTopics(null));
        assertThat(none.topics()).isEmpty();
        AlterPartitionReassignmentsResponseData denied =
                Asking.ask(new AlterPartitionReassignmentsApi(controller, NO_ALTER), 1, move(null));
        assertThat(denied.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        ListPartitionReassignmentsResponseData hidden = Asking.ask(
                new ListPartitionReassignmentsApi(controller, NO_DESCRIBE),
                0,
                new ListPartitionReassignmentsRequestData().setTopics(null));
        assertThat(hidden.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
    }

    private static AlterPartitionReassignmentsRequestData move(List<Integer> replicas) {
        AlterPartitionReassignmentsRequestData request = new AlterPartitionReassignmentsRequestData();
        request.topics()
                .add(new ReassignableTopic()
                        .setName("t")
                        .setPartitions(List.of(
                                new ReassignablePartition().setPartitionIndex(0).setReplicas(replicas),
                                new ReassignablePartition().setPartitionIndex(9).setReplicas(List.of(1, 3)))));
        return request;
    }

    private static List<String> outcomes(AlterPartitionReassignmentsResponseData response) {
        return response.responses().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> topic.name() + "-" + partition.partitionIndex() + " "
                                + Errors.forCode(partition.errorCode())))
                .toList();
    }

    @Test
    void forgetsANodeThatIsGone() {
        UnregisterBrokerApi api = new UnregisterBrokerApi(controller, Authorizer.allowAll());
        UnregisterBrokerResponseData unknown = Asking.ask(api, 0, new UnregisterBrokerRequestData().setBrokerId(9));
        assertThat(unknown.errorCode()).isEqualTo(Errors.BROKER_ID_NOT_REGISTERED.code());
        UnregisterBrokerResponseData denied = Asking.ask(
                new UnregisterBrokerApi(controller, NO_ALTER), 0, new UnregisterBrokerRequestData().setBrokerId(2));
        assertThat(denied.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        UnregisterBrokerResponseData done = Asking.ask(api, 0, new UnregisterBrokerRequestData().setBrokerId(2));
        assertThat(done.errorCode()).isZero();
        assertThat(controller.image().brokers()).containsOnlyKeys(1);
    }
}
