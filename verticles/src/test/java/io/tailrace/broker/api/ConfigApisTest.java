// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.config.TopicConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources. */
class ConfigApisTest {

    private static final String LOGGER = "io.tailrace.broker.api.ConfigApisTest";

    private final ControllerAtHand controller = new ControllerAtHand();
    private final LoggerLevels loggers = LogbackLevels.ofThisProcess();

    @BeforeEach
    void createTopic() {
        Object unused =
                controller.ask(new CreateTopics(List.of(new NewTopic("t", 1, 1, new TreeMap<>(), Map.of())), false));
    }

    private DescribeConfigsResponseData describe(
            Authorizer authorizer, int version, DescribeConfigsRequestData request) {
        return Asking.ask(
                new DescribeConfigsApi(controller, authorizer, ControllerAtHand.PROPERTIES, loggers), version, request);
    }

    private DescribeConfigsResult describe(Type type, String name, String... keys) {
        DescribeConfigsRequestData request =
                new DescribeConfigsRequestData().setIncludeSynonyms(true).setIncludeDocumentation(true);
        request.resources()
                .add(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(name)
                        .setConfigurationKeys(keys.length == 0 ? null : List.of(keys)));
        return describe(Authorizer.allowAll(), 4, request).results().getFirst();
    }

    private String value(Type type, String name, String key) {
        DescribeConfigsResourceResult config =
                describe(type, name, key).configs().getFirst();
        return config.value() + " from " + config.configSource();
    }

    @Test
    void describesEveryKeyWithItsDefaultTypeSynonymsAndDocumentation() {
        DescribeConfigsResult topic = describe(Type.TOPIC, "t");
        assertThat(topic.configs())
                .hasSameSizeAs(TopicConfigs.SCHEMA.publicKeys())
                .allSatisfy(config -> {
                    assertThat(config.documentation()).isNotEmpty();
                    assertThat(config.configType()).isPositive();
                });
        DescribeConfigsResourceResult flush =
                describe(Type.TOPIC, "t", "flush.messages").configs().getFirst();
        assertThat(flush.value()).isEqualTo("1");
        assertThat(flush.synonyms().getFirst().name()).isEqualTo("log.flush.interval.messages");
    }

    @Test
    void describesInEveryVersionAndOnlyWhatIsAskedFor() {
        for (short version : ApiKeys.DESCRIBE_CONFIGS.allVersions()) {
            DescribeConfigsRequestData request = new DescribeConfigsRequestData();
            request.resources()
                    .add(new DescribeConfigsResource()
                            .setResourceType(Type.TOPIC.id())
                            .setResourceName("t")
                            .setConfigurationKeys(List.of("retention.ms", "no.such.key")));
            List<DescribeConfigsResourceResult> configs = describe(Authorizer.allowAll(), version, request)
                    .results()
                    .getFirst()
                    .configs();
            assertThat(configs).singleElement().satisfies(config -> {
                assertThat(config.name()).isEqualTo("retention.ms");
                assertThat(config.value()).isEqualTo("360000000");
                assertThat(config.synonyms()).isEmpty();
            });
        }
    }

    @Test
    void describesThisNodeAndNoOther() {
        assertThat(value(Type.BROKER, "1", "log.retention.hours")).isEqualTo("100 from 4");
        assertThat(value(Type.BROKER, "1", "num.partitions")).isEqualTo("1 from 5");
        assertThat(value(Type.BROKER, "1", "sasl.jaas.config")).isEqualTo("null from 4");
        assertThat(describe(Type.BROKER, "").configs()).isEmpty();
        assertThat(describe(Type.BROKER, "2").errorMessage())
                .isEqualTo("Unexpected broker id, expected 1 or empty string, but received 2");
        assertThat(describe(Type.BROKER, "x").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void refusesWhatCannotBeDescribed() {
        assertThat(Errors.forCode(describe(Type.TOPIC, "absent").errorCode()))
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(Errors.forCode(describe(Type.TOPIC, "a b").errorCode())).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(Errors.forCode(describe(Type.GROUP, "").errorCode())).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(Errors.forCode(describe(Type.BROKER_LOGGER, "").errorCode())).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(Errors.forCode(describe(Type.UNKNOWN, "x").errorCode())).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void describesGroupsAndSubscriptionsThatNothingIsSetOn() {
        assertThat(describe(Type.GROUP, "any").configs()).hasSize(17);
        assertThat(describe(Type.CLIENT_METRICS, "any").configs()).hasSize(3);
    }

    @Test
    void asksForPermissionByKindOfResource() {
        Authorizer nothing =
                (principal, host, operation, type, name) -> operation != DESCRIBE_CONFIGS && operation != ALTER_CONFIGS;
        DescribeConfigsRequestData request = new DescribeConfigsRequestData();
        List.of(Type.TOPIC, Type.GROUP, Type.BROKER, Type.CLIENT_METRICS, Type.BROKER_LOGGER)
                .forEach(type -> request.resources()
                        .add(new DescribeConfigsResource()
                                .setResourceType(type.id())
                                .setResourceName("1")
                                .setConfigurationKeys(null)));
        List<Errors> expected = List.of(
                Errors.TOPIC_AUTHORIZATION_FAILED,
                Errors.GROUP_AUTHORIZATION_FAILED,
                Errors.CLUSTER_AUTHORIZATION_FAILED,
                Errors.CLUSTER_AUTHORIZATION_FAILED,
                Errors.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(describe(nothing, 4, request).results().stream()
                        .map(result -> Errors.forCode(result.errorCode()))
                        .toList())
                .isEqualTo(expected);
        assertThat(errors(alter(
                        nothing,
                        false,
                        resource(Type.TOPIC, "t", "retention.ms", OpType.SET, "1"),
                        resource(Type.GROUP, "g", "consumer.session.timeout.ms", OpType.SET, "50000"))))
                .containsExactly("t TOPIC_AUTHORIZATION_FAILED", "g GROUP_AUTHORIZATION_FAILED");
    }

    private static AlterConfigsResource resource(Type type, String name, String key, OpType operation, String value) {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType(type.id()).setResourceName(name);
        resource.configs()
                .add(new AlterableConfig()
                        .setName(key)
                        .setConfigOperation(operation.id())
                        .setValue(value));
        return resource;
    }

    private IncrementalAlterConfigsResponseData alter(
            Authorizer authorizer, boolean validateOnly, AlterConfigsResource... resources) {
        IncrementalAlterConfigsRequestData request =
                new IncrementalAlterConfigsRequestData().setValidateOnly(validateOnly);
        List.of(resources).forEach(request.resources()::add);
        return Asking.ask(
                new IncrementalAlterConfigsApi(controller, authorizer, ControllerAtHand.NODE, loggers), 1, request);
    }

    private IncrementalAlterConfigsResponseData alter(AlterConfigsResource... resources) {
        return alter(Authorizer.allowAll(), false, resources);
    }

    private static List<String> errors(IncrementalAlterConfigsResponseData response) {
        return response.responses().stream()
                .map(result -> result.resourceName() + " " + Errors.forCode(result.errorCode()))
                .toList();
    }

    @Test
    void appendsToAListAndTakesOutOfIt() {
        alter(resource(Type.TOPIC, "t", "cleanup.policy", OpType.APPEND, "compact"));
        assertThat(value(Type.TOPIC, "t", "cleanup.policy")).isEqualTo("delete,compact from 1");
        alter(resource(Type.TOPIC, "t", "cleanup.policy", OpType.APPEND, "compact"));
        assertThat(value(Type.TOPIC, "t", "cleanup.policy")).isEqualTo("delete,compact from 1");
        alter(resource(Type.TOPIC, "t", "cleanup.policy", OpType.SUBTRACT, "delete"));
        assertThat(value(Type.TOPIC, "t", "cleanup.policy")).isEqualTo("compact from 1");
        alter(resource(Type.TOPIC, "t", "cleanup.policy", OpType.DELETE, null));
        assertThat(value(Type.TOPIC, "t", "cleanup.policy")).isEqualTo("delete from 5");
        assertThat(errors(alter(resource(Type.TOPIC, "t", "retention.ms", OpType.APPEND, "1"))))
                .containsExactly("t INVALID_CONFIG");
    }

    @Test
    void judgesEachResourceOnItsOwnAndAnswersInOrder() {
        AlterConfigsResource strange = resource(Type.TOPIC, "strange", "retention.ms", OpType.SET, "1");
        strange.configs().iterator().next().setConfigOperation((byte) 9);
        assertThat(errors(alter(
                        strange,
                        resource(Type.TOPIC, "absent", "retention.ms", OpType.SET, "1"),
                        resource(Type.TOPIC, "t", "retention.ms", OpType.SET, "7"),
                        resource(Type.TOPIC, "", "retention.ms", OpType.SET, "1"),
                        resource(Type.BROKER, "1", "node.id", OpType.SET, "1"),
                        resource(Type.BROKER, "", "log.retention.ms", OpType.SET, "8"),
                        resource(Type.UNKNOWN, "u", "a", OpType.SET, "1"),
                        resource(Type.GROUP, "g", "foo", OpType.SET, "1"),
                        resource(Type.CLIENT_METRICS, "m", "interval.ms", OpType.SET, "1000"))))
                .containsExactly(
                        "strange INVALID_REQUEST",
                        "absent UNKNOWN_TOPIC_OR_PARTITION",
                        "t NONE",
                        " INVALID_REQUEST",
                        "1 INVALID_REQUEST",
                        " NONE",
                        "u INVALID_REQUEST",
                        "g INVALID_CONFIG",
                        "m NONE");
        assertThat(value(Type.TOPIC, "t", "retention.ms")).isEqualTo("7 from 1");
        assertThat(value(Type.BROKER, "1", "log.retention.ms")).isEqualTo("8 from 3");
        assertThat(value(Type.BROKER, "", "log.retention.ms")).isEqualTo("8 from 3");
        assertThat(value(Type.CLIENT_METRICS, "m", "interval.ms")).isEqualTo("1000 from 7");
    }

    @Test
    void refusesAKeyToldTwiceAndAMissingValue() {
        AlterConfigsResource twice = resource(Type.TOPIC, "t", "retention.ms", OpType.SET, "1");
        twice.configs()
                .add(new AlterableConfig()
                        .setName("retention.ms")
                        .setConfigOperation(OpType.DELETE.id())
                        .setValue(null));
        assertThat(errors(alter(twice))).containsExactly("t INVALID_REQUEST");
        assertThat(errors(alter(resource(Type.TOPIC, "t", "retention.ms", OpType.SET, null))))
                .containsExactly("t INVALID_REQUEST");
    }

    @Test
    void validatesWithoutAltering() {
        AlterConfigsResource change = resource(Type.TOPIC, "t", "retention.ms", OpType.SET, "1");
        assertThat(errors(alter(Authorizer.allowAll(), true, change))).containsExactly("t NONE");
        assertThat(value(Type.TOPIC, "t", "retention.ms")).isEqualTo("360000000 from 5");
    }

    @Test
    void theOldWayReplacesTheWholeConfiguration() {
        alter(resource(Type.TOPIC, "t", "retention.ms", OpType.SET, "1"));
        for (short version : ApiKeys.ALTER_CONFIGS.allVersions()) {
            AlterConfigsRequestData request = new AlterConfigsRequestData();
            AlterConfigsRequestData.AlterConfigsResource resource = new AlterConfigsRequestData.AlterConfigsResource()
                    .setResourceType(Type.TOPIC.id())
                    .setResourceName("t");
            resource.configs()
                    .add(new AlterConfigsRequestData.AlterableConfig()
                            .setName("segment.ms")
                            .setValue("1000" + version));
            request.resources().add(resource);
            request.resources()
                    .add(new AlterConfigsRequestData.AlterConfigsResource()
                            .setResourceType(Type.BROKER_LOGGER.id())
                            .setResourceName("1"));
            AlterConfigsResponseData response =
                    Asking.ask(new AlterConfigsApi(controller, Authorizer.allowAll()), version, request);
            assertThat(response.responses().stream()
                            .map(result -> Errors.forCode(result.errorCode()))
                            .toList())
                    .containsExactly(Errors.NONE, Errors.INVALID_REQUEST);
            assertThat(value(Type.TOPIC, "t", "segment.ms")).isEqualTo("1000" + version + " from 1");
        }
        assertThat(value(Type.TOPIC, "t", "retention.ms")).isEqualTo("360000000 from 5");
    }

    @Test
    void altersTheLevelOfALoggerAtOnce() {
        Logger logger = LoggerFactory.getLogger(LOGGER);
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "1", LOGGER, OpType.SET, "TRACE"))))
                .containsExactly("1 NONE");
        assertThat(logger.isTraceEnabled()).isTrue();
        assertThat(value(Type.BROKER_LOGGER, "1", LOGGER)).isEqualTo("TRACE from 6");
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "1", LOGGER, OpType.DELETE, null))))
                .containsExactly("1 NONE");
        assertThat(value(Type.BROKER_LOGGER, "1", LOGGER)).isEqualTo(value(Type.BROKER_LOGGER, "1", "root"));
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "1", "no.such.logger", OpType.SET, "INFO"))))
                .containsExactly("1 INVALID_CONFIG");
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "1", "root", OpType.SET, "LOUD"))))
                .containsExactly("1 INVALID_CONFIG");
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "1", "root", OpType.DELETE, null))))
                .containsExactly("1 INVALID_REQUEST");
        assertThat(errors(alter(resource(Type.BROKER_LOGGER, "2", "root", OpType.SET, "INFO"))))
                .containsExactly("2 INVALID_REQUEST");
    }

    @Test
    void listsWhatHasConfiguration() {
        alter(
                resource(Type.GROUP, "g", "consumer.session.timeout.ms", OpType.SET, "50000"),
                resource(Type.CLIENT_METRICS, "m", "interval.ms", OpType.SET, "1000"));
        assertThat(list(1)).isEqualTo("GROUP g, CLIENT_METRICS m, BROKER_LOGGER 1, BROKER 1, TOPIC t");
        assertThat(list(1, Type.TOPIC, Type.GROUP)).isEqualTo("TOPIC t, GROUP g");
        assertThat(list(0)).isEqualTo("CLIENT_METRICS m");
        assertThat(list(1, Type.UNKNOWN)).isEqualTo("UNSUPPORTED_VERSION");
    }

    private String list(int version, Type... types) {
        ListConfigResourcesRequestData request = new ListConfigResourcesRequestData();
        List.of(types).forEach(type -> request.resourceTypes().add(type.id()));
        ListConfigResourcesResponseData response =
                Asking.ask(new ListConfigResourcesApi(controller, Authorizer.allowAll()), version, request);
        return response.errorCode() != 0
                ? Errors.forCode(response.errorCode()).toString()
                : response.configResources().stream()
                        .map(found -> Type.forId(found.resourceType()) + " " + found.resourceName())
                        .collect(Collectors.joining(", "));
    }
}
