// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

class MetadataApiTest {

    private final ControllerAtHand controller = new ControllerAtHand(new TopicDefaults(4, 1, true));

    private MetadataApi api(Authorizer authorizer, boolean autoCreate) {
        return new MetadataApi(controller, controller, authorizer, autoCreate);
    }

    private MetadataApi api() {
        return api(Authorizer.allowAll(), true);
    }

    private static MetadataRequestData topics(String... names) {
        MetadataRequestData request = new MetadataRequestData();
        for (String name : names) {
            request.topics().add(new MetadataRequestTopic().setName(name));
        }
        return request;
    }

    private void create(String... names) {
        for (String name : names) {
            Object unused = controller.ask(
                    new CreateTopics(List.of(new NewTopic(name, 2, 1, new TreeMap<>(), Map.of())), false));
        }
    }

    private static List<String> names(MetadataResponseData response) {
        return response.topics().stream().map(MetadataResponseTopic::name).toList();
    }

    private static Errors error(MetadataResponseData response, String name) {
        return Errors.forCode(response.topics().find(name).errorCode());
    }

    @Test
    void nullIsAllTopicsAndEmptyIsNone() {
        create("b", "a");
        MetadataResponseData all = Asking.ask(api(), 13, new MetadataRequestData().setTopics(null));
        MetadataResponseData none = Asking.ask(api(), 13, topics());
        assertThat(names(all)).containsExactly("a", "b");
        assertThat(names(none)).isEmpty();
        assertThat(none.brokers()).hasSize(1);
    }

    @Test
    void emptyIsAllTopicsInTheVersionThatHasNoNull() {
        create("a");
        MetadataResponseData all = Asking.ask(api(), 0, topics());
        assertThat(names(all)).containsExactly("a");
    }

    @Test
    void tellsATopicOnceHoweverOftenItIsAskedFor() {
        create("a");
        MetadataApi api = api(Authorizer.allowAll(), false);
        MetadataResponseData response = Asking.ask(api, 9, topics("a", "none", "a", "none", "a"));
        assertThat(names(response)).containsExactly("a", "none");
        assertThat(api.answerBytes(Asking.context(9), topics("a", "a", "a")))
                .isLessThan(2 * api.answerBytes(Asking.context(9), topics("a")));
    }

    @Test
    void answersInEveryVersion() {
        create("a");
        for (short version : ApiKeys.METADATA.allVersions()) {
            MetadataResponseData response = Asking.ask(api(), version, topics("a"));
            assertThat(response.topics().find("a").partitions())
                    .as("v%s", version)
                    .hasSize(2);
        }
    }

    @Test
    void tellsAnUnadvertisedNodeUnderTheAddressTheClientDialled() {
        MetadataResponseData response = Asking.ask(api(), 13, topics());
        MetadataResponseBroker node = response.brokers().find(1);
        assertThat(node.host() + ":" + node.port()).isEqualTo("127.0.0.1:9092");
        assertThat(node.rack()).isEqualTo("rack-1");
        assertThat(response.clusterId()).isEqualTo(ControllerAtHand.CLUSTER);
        assertThat(response.controllerId()).isEqualTo(1);
    }

    @Test
    void tellsAdvertisedAddressesOfTheListenerThatTheClientCameInBy() {
        controller.addNode(
                2, new Endpoint("OTHER", "PLAINTEXT", "no", 1), new Endpoint("PLAINTEXT", "PLAINTEXT", "two", 92));
        controller.addNode(3, new Endpoint("OTHER", "PLAINTEXT", "no", 1));
        MetadataResponseData response = Asking.ask(api(), 13, topics());
        assertThat(response.brokers().find(2).host()).isEqualTo("two");
        assertThat(response.brokers().find(2).port()).isEqualTo(92);
        assertThat(response.brokers().find(3)).isNull();
    }

    @Test
    void createsAMissingTopicAndTellsItsLeadersAtOnce() {
        MetadataResponseData response = Asking.ask(api(), 13, topics("new").setAllowAutoTopicCreation(true));
        MetadataResponseTopic topic = response.topics().find("new");
        assertThat(topic.errorCode()).isZero();
        assertThat(topic.topicId()).isNotEqualTo(Uuid.ZERO_UUID);
        assertThat(topic.partitions()).hasSize(4).allSatisfy(partition -> {
            assertThat(partition.leaderId()).isEqualTo(1);
            assertThat(partition.leaderEpoch()).isZero();
        });
    }

    @Test
    void createsNothingUnlessTheBrokerAndTheRequestAllowIt() {
        MetadataResponseData refusing =
                Asking.ask(api(Authorizer.allowAll(), false), 13, topics("new").setAllowAutoTopicCreation(true));
        MetadataResponseData unasked = Asking.ask(api(), 13, topics("new").setAllowAutoTopicCreation(false));
        assertThat(error(refusing, "new")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(error(unasked, "new")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(controller.image().topics()).isEmpty();
    }

    @Test
    void createsInTheVersionsThatCannotForbidIt() {
        MetadataResponseData response = Asking.ask(api(), 3, topics("new"));
        assertThat(error(response, "new")).isEqualTo(Errors.NONE);
    }

    @Test
    void createsNeitherBadNamesNorInternalTopics() {
        MetadataResponseData response =
                Asking.ask(api(), 13, topics("a b", "__consumer_offsets", "").setAllowAutoTopicCreation(true));
        assertThat(error(response, "a b")).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(error(response, "")).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(error(response, "__consumer_offsets")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(controller.image().topics()).isEmpty();
    }

    @Test
    void tellsWhyATopicCouldNotBeCreated() {
        create("with.dot");
        MetadataResponseData response = Asking.ask(api(), 13, topics("with_dot").setAllowAutoTopicCreation(true));
        assertThat(error(response, "with_dot")).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
    }

    @Test
    void createsOnlyWhatItsSenderMayCreate() {
        Authorizer noCreate = (principal, host, operation, type, name) -> operation != CREATE;
        MetadataResponseData response =
                Asking.ask(api(noCreate, true), 13, topics("new").setAllowAutoTopicCreation(true));
        assertThat(error(response, "new")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(controller.image().topics()).isEmpty();
    }

    @Test
    void hidesTopicsThatMustNotBeDescribed() {
        create("a", "secret");
        Authorizer authorizer = Asking.denying(ResourceType.TOPIC, Set.of("secret", "absent"), DESCRIBE);
        MetadataApi api = api(authorizer, true);
        MetadataResponseData all = Asking.ask(api, 13, new MetadataRequestData().setTopics(null));
        MetadataResponseData named = Asking.ask(api, 13, topics("secret", "absent"));
        assertThat(names(all)).containsExactly("a");
        assertThat(error(named, "secret")).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
        assertThat(error(named, "absent")).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
        assertThat(named.topics().find("secret").topicId()).isEqualTo(Uuid.ZERO_UUID);
    }

    @Test
    void findsTopicsByTheirId() {
        create("a", "secret");
        Uuid secret = controller.image().topic("secret").orElseThrow().id();
        Uuid known = controller.image().topic("a").orElseThrow().id();
        Uuid unknown = new Uuid(5, 5);
        MetadataRequestData request = new MetadataRequestData();
        List.of(known, unknown, secret).forEach(id -> request.topics()
                .add(new MetadataRequestTopic().setName(null).setTopicId(id)));
        MetadataApi api = api(Asking.denying(ResourceType.TOPIC, Set.of("secret"), DESCRIBE), true);
        MetadataResponseData response = Asking.ask(api, 12, request);
        assertThat(response.topics().stream()
                        .map(topic -> topic.name() + " " + Errors.forCode(topic.errorCode()))
                        .toList())
                .containsExactly("a NONE", "null UNKNOWN_TOPIC_ID", "null TOPIC_AUTHORIZATION_FAILED");
    }

    @Test
    void refusesIdsInTheVersionsThatDoNotHaveThem() {
        MetadataRequestData request = new MetadataRequestData();
        request.topics().add(new MetadataRequestTopic().setName(null).setTopicId(new Uuid(5, 5)));
        MetadataResponseData response = Asking.ask(api(), 11, request);
        assertThat(response.topics()).hasSize(1).allSatisfy(topic -> assertThat(topic.errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code()));
    }

    @Test
    void marksInternalTopics() {
        create("__consumer_offsets", "a");
        MetadataResponseData response = Asking.ask(api(), 13, new MetadataRequestData().setTopics(null));
        assertThat(response.topics().find("__consumer_offsets").isInternal()).isTrue();
        assertThat(response.topics().find("a").isInternal()).isFalse();
    }

    @Test
    void listsPartitionsWithoutALeaderAllTheSame() {
        controller.addNode(2, new Endpoint("PLAINTEXT", "PLAINTEXT", "two", 92));
        Object unused = controller.ask(new CreateTopics(
                List.of(new NewTopic("a", -1, -1, new TreeMap<>(Map.of(0, List.of(2), 1, List.of(1))), Map.of())),
                false));
        controller.fence(2, controller.image().brokers().get(2).epoch(), true);
        MetadataResponseData response = Asking.ask(api(), 13, topics("a"));
        List<MetadataResponsePartition> partitions = response.topics().find("a").partitions();
        assertThat(partitions).hasSize(2);
        assertThat(partitions.get(0).errorCode()).isEqualTo(Errors.LEADER_NOT_AVAILABLE.code());
        assertThat(partitions.get(0).leaderId()).isEqualTo(-1);
        assertThat(partitions.get(0).offlineReplicas()).containsExactly(2);
        assertThat(partitions.get(1).leaderId()).isEqualTo(1);
        assertThat(response.brokers().find(2)).isNull();
    }

    @Test
    void tellsAuthorisedOperationsOnRequest() {
        create("a");
        MetadataRequestData request =
                topics("a").setIncludeTopicAuthorizedOperations(true).setIncludeClusterAuthorizedOperations(true);
        MetadataResponseData told = Asking.ask(api(), 10, request);
        MetadataResponseData untold = Asking.ask(api(), 13, topics("a"));
        // READ 3, WRITE 4, CREATE 5, DELETE 6, ALTER 7, DESCRIBE 8, DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11
        assertThat(told.topics().find("a").topicAuthorizedOperations()).isEqualTo(0b1101_1111_1000);
        // CREATE 5, ALTER 7, DESCRIBE 8, CLUSTER_ACTION 9, DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11, IDEMPOTENT_WRITE 12
        assertThat(told.clusterAuthorizedOperations()).isEqualTo(0b1_1111_1010_0000);
        assertThat(untold.topics().find("a").topicAuthorizedOperations()).isEqualTo(Integer.MIN_VALUE);
    }
}
