// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;

/** CreateTopics, DeleteTopics, CreatePartitions. */
class TopicApisTest {

    private final ControllerAtHand controller = new ControllerAtHand();

    private static CreatableTopic topic(String name, int partitions) {
        return new CreatableTopic().setName(name).setNumPartitions(partitions).setReplicationFactor((short) 1);
    }

    private static CreateTopicsRequestData create(CreatableTopic... topics) {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        List.of(topics).forEach(request.topics()::add);
        return request;
    }

    private CreateTopicsResponseData create(Authorizer authorizer, int version, CreateTopicsRequestData request) {
        return Asking.ask(
                new CreateTopicsApi(controller, controller, authorizer, ControllerAtHand.PROPERTIES), version, request);
    }

    private CreateTopicsResponseData create(CreateTopicsRequestData request) {
        return create(Authorizer.allowAll(), 7, request);
    }

    private static List<String> outcomes(CreateTopicsResponseData response) {
        return response.topics().stream()
                .map(topic -> topic.name() + " " + Errors.forCode(topic.errorCode()))
                .toList();
    }

    @Test
    void createsTopicsInEveryVersion() {
        for (short version : ApiKeys.CREATE_TOPICS.allVersions()) {
            CreateTopicsResponseData response = create(Authorizer.allowAll(), version, create(topic("v" + version, 2)));
            assertThat(outcomes(response)).containsExactly("v" + version + " NONE");
            assertThat(controller.image().topic("v" + version).orElseThrow().partitions())
                    .hasSize(2);
        }
    }

    @Test
    void judgesEachTopicOfARequestOnItsOwn() {
        CreateTopicsRequestData request = create(
                topic("good", 1),
                topic("a b", 1),
                topic("none", 0),
                topic("twice", 1),
                topic("twice", 2),
                topic("factor", 1).setReplicationFactor((short) 5),
                topic("defaults", -1).setReplicationFactor((short) -1));
        CreatableTopic config = topic("config", 1);
        config.configs().add(new CreatableTopicConfig().setName("retention.ms").setValue("x"));
        request.topics().add(config);
        CreatableTopic assigned = topic("assigned", -1).setReplicationFactor((short) -1);
        assigned.assignments()
                .add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
        assigned.assignments()
                .add(new CreatableReplicaAssignment().setPartitionIndex(0).setBrokerIds(List.of(1)));
        request.topics().add(assigned);
        CreateTopicsResponseData response = create(request);
        assertThat(outcomes(response))
                .containsExactlyInAnyOrder(
                        "good NONE",
                        "a b INVALID_TOPIC_EXCEPTION",
                        "none INVALID_PARTITIONS",
                        "twice INVALID_REQUEST",
                        "factor INVALID_REPLICATION_FACTOR",
                        "defaults NONE",
                        "config INVALID_CONFIG",
                        "assigned INVALID_REPLICA_ASSIGNMENT");
        assertThat(response.topics().find("config").errorMessage())
                .isEqualTo("Invalid value x for configuration retention.ms: Not a number of type LONG");
        assertThat(controller.image().topics()).containsOnlyKeys("good", "defaults");
        assertThat(outcomes(create(create(topic("good", 1))))).containsExactly("good TOPIC_ALREADY_EXISTS");
    }

    @Test
    void tellsTheNewTopicsIdSizeAndWholeConfiguration() {
        CreatableTopic topic = topic("a", 3);
        topic.configs().add(new CreatableTopicConfig().setName("retention.ms").setValue("5"));
        CreatableTopicResult result = create(create(topic)).topics().find("a");
        assertThat(result.topicId())
                .isEqualTo(controller.image().topic("a").orElseThrow().id());
        assertThat(result.numPartitions()).isEqualTo(3);
        assertThat(result.replicationFactor()).isEqualTo((short) 1);
        assertThat(result.configs())
                .hasSizeGreaterThan(30)
                .anySatisfy(config -> assertThat(config.name() + "=" + config.value() + " " + config.configSource())
                        .isEqualTo("retention.ms=5 1"))
                .anySatisfy(config -> assertThat(config.name() + "=" + config.value() + " " + config.configSource())
                        .isEqualTo("flush.messages=1 5"));
    }

    @Test
    void validatesWithoutCreating() {
        CreatableTopicResult result =
                create(create(topic("a", 3)).setValidateOnly(true)).topics().find("a");
        assertThat(result.errorCode()).isZero();
        assertThat(result.numPartitions()).isEqualTo(3);
        assertThat(result.topicId()).isEqualTo(Uuid.ZERO_UUID);
        assertThat(controller.image().topics()).isEmpty();
    }

    @Test
    void givesARecreatedTopicANewId() {
        Uuid first = create(create(topic("a", 1))).topics().find("a").topicId();
        delete(Authorizer.allowAll(), 5, new DeleteTopicsRequestData().setTopicNames(List.of("a")));
        Uuid second = create(create(topic("a", 1))).topics().find("a").topicId();
        assertThat(second).isNotEqualTo(first).isNotEqualTo(Uuid.ZERO_UUID);
    }

    @Test
    void createsOnlyWhatItsSenderMayCreateAndTellsConfigsOnlyToWhoMaySeeThem() {
        Authorizer authorizer = (principal, host, operation, type, name) -> switch (operation) {
            case CREATE -> type == ResourceType.TOPIC && name.startsWith("mine");
            case DESCRIBE_CONFIGS -> name.equals("mine-1");
            default -> true;
        };
        CreateTopicsResponseData response =
                create(authorizer, 7, create(topic("mine-1", 1), topic("mine-2", 1), topic("other", 1)));
        assertThat(outcomes(response))
                .containsExactlyInAnyOrder("mine-1 NONE", "mine-2 NONE", "other TOPIC_AUTHORIZATION_FAILED");
        assertThat(response.topics().find("mine-1").configs()).isNotEmpty();
        CreatableTopicResult hidden = response.topics().find("mine-2");
        assertThat(hidden.topicConfigErrorCode()).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        assertThat(hidden.configs()).isEmpty();
        assertThat(hidden.numPartitions()).isEqualTo(-1);
    }

    private DeleteTopicsResponseData delete(Authorizer authorizer, int version, DeleteTopicsRequestData request) {
        return Asking.ask(new DeleteTopicsApi(controller, controller, authorizer), version, request);
    }

    private static List<String> outcomes(DeleteTopicsResponseData response) {
        return response.responses().stream()
                .map(topic -> topic.name() + " " + Errors.forCode(topic.errorCode()))
                .toList();
    }

    private static DeleteTopicState byId(Uuid id) {
        return new DeleteTopicState().setName(null).setTopicId(id);
    }

    @Test
    void deletesByNameAndById() {
        create(create(topic("a", 1), topic("b", 1), topic("c", 1)));
        Uuid id = controller.image().topic("b").orElseThrow().id();
        DeleteTopicsRequestData byName = new DeleteTopicsRequestData().setTopicNames(List.of("a", "absent"));
        assertThat(outcomes(delete(Authorizer.allowAll(), 1, byName)))
                .containsExactly("a NONE", "absent UNKNOWN_TOPIC_OR_PARTITION");
        DeleteTopicsRequestData byId = new DeleteTopicsRequestData()
                .setTopics(List.of(byId(id), byId(new Uuid(5, 5)), new DeleteTopicState().setName("c")));
        assertThat(outcomes(delete(Authorizer.allowAll(), 6, byId)))
                .containsExactly("b NONE", "null UNKNOWN_TOPIC_ID", "c NONE");
        assertThat(controller.image().topics()).isEmpty();
    }

    @Test
    void deletesNothingThatIsToldTwice() {
        create(create(topic("a", 1)));
        DeleteTopicsResponseData response =
                delete(Authorizer.allowAll(), 4, new DeleteTopicsRequestData().setTopicNames(List.of("a", "a")));
        assertThat(outcomes(response)).containsExactly("a INVALID_REQUEST");
        assertThat(controller.image().topics()).containsKey("a");
    }

    @Test
    void hidesTheNameBehindAnIdFromWhoMayNotDescribeIt() {
        create(create(topic("a", 1), topic("b", 1)));
        List<DeleteTopicState> ids = List.of(
                byId(controller.image().topic("a").orElseThrow().id()),
                byId(controller.image().topic("b").orElseThrow().id()));
        Authorizer authorizer = (principal, host, operation, type, name) ->
                operation != DELETE && (operation != DESCRIBE || !name.equals("b"));
        DeleteTopicsResponseData response = delete(authorizer, 6, new DeleteTopicsRequestData().setTopics(ids));
        assertThat(outcomes(response))
                .containsExactly("a TOPIC_AUTHORIZATION_FAILED", "null TOPIC_AUTHORIZATION_FAILED");
        assertThat(controller.image().topics()).hasSize(2);
    }

    @Test
    void refusesToDeleteWhereDeletionIsOff() {
        ControllerAtHand off = new ControllerAtHand(new TopicDefaults(1, 1, false));
        CreateTopicsResponseData unused = Asking.ask(
                new CreateTopicsApi(off, off, Authorizer.allowAll(), ControllerAtHand.PROPERTIES),
                7,
                create(topic("a", 1)));
        DeleteTopicsApi api = new DeleteTopicsApi(off, off, Authorizer.allowAll());
        DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTopicNames(List.of("a"));
        DeleteTopicsResponseData old = Asking.ask(api, 2, request);
        DeleteTopicsResponseData newer = Asking.ask(api, 3, request);
        assertThat(outcomes(old)).containsExactly("a INVALID_REQUEST");
        assertThat(outcomes(newer)).containsExactly("a TOPIC_DELETION_DISABLED");
    }

    private static CreatePartitionsTopic more(String name, int count) {
        return new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
    }

    private CreatePartitionsResponseData extend(
            Authorizer authorizer, boolean validateOnly, CreatePartitionsTopic... topics) {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData().setValidateOnly(validateOnly);
        List.of(topics).forEach(request.topics()::add);
        return Asking.ask(new CreatePartitionsApi(controller, authorizer), 3, request);
    }

    @Test
    void addsPartitionsAndTellsEveryTopicOfTheRequest() {
        create(create(topic("a", 1), topic("b", 1), topic("c", 3), topic("d", 1)));
        Authorizer authorizer = Asking.denying(ResourceType.TOPIC, Set.of("d"), ALTER);
        CreatePartitionsResponseData response = extend(
                authorizer, false, more("a", 3), more("b", 2), more("b", 4), more("c", 2), more("d", 2), more("e", 2));
        assertThat(response.results().stream()
                        .map(topic -> topic.name() + " " + Errors.forCode(topic.errorCode()))
                        .toList())
                .containsExactlyInAnyOrder(
                        "a NONE",
                        "b INVALID_REQUEST",
                        "c INVALID_PARTITIONS",
                        "d TOPIC_AUTHORIZATION_FAILED",
                        "e UNKNOWN_TOPIC_OR_PARTITION");
        assertThat(controller.image().topic("a").orElseThrow().partitions()).hasSize(3);
        assertThat(controller.image().topic("b").orElseThrow().partitions()).hasSize(1);
    }

    @Test
    void validatesPartitionsWithoutAddingThem() {
        create(create(topic("a", 1)));
        CreatePartitionsResponseData response = extend(Authorizer.allowAll(), true, more("a", 3));
        assertThat(response.results()).singleElement().satisfies(topic -> {
            assertThat(topic.errorCode()).isZero();
            assertThat(topic.errorMessage()).isNull();
        });
        assertThat(controller.image().topic("a").orElseThrow().partitions()).hasSize(1);
    }
}
