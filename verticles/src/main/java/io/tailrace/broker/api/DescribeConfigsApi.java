// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.config.ConfigDescriptions;
import io.tailrace.cluster.config.ConfigLayers;
import io.tailrace.cluster.config.ConfigSource;
import io.tailrace.cluster.config.DescribedConfig;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.jspecify.annotations.Nullable;

/**
 * DescribeConfigs (key 32, versions 1-4): every configuration key of a resource, with its value, where that comes from, and on request all
 * the places where it is set (KIP-226) and its documentation (v3+, KIP-569).
 *
 * <p>Kinds: topics; this node, or with an empty name what was set for all nodes; this node's loggers (KIP-412); groups and client metrics
 * subscriptions, which need not exist (KIP-848, KIP-714). Another node's keys are asked of that node. No keys named, or null, means all.
 * A resource that is asked for several times is described once, as first asked for.
 */
public final class DescribeConfigsApi implements KafkaApi<DescribeConfigsRequestData> {

    private final MetadataView metadata;
    private final Authorizer authorizer;
    private final NodeProperties node;
    private final LoggerLevels loggers;

    public DescribeConfigsApi(MetadataView metadata, Authorizer authorizer, NodeProperties node, LoggerLevels loggers) {
        this.metadata = metadata;
        this.authorizer = authorizer;
        this.node = node;
        this.loggers = loggers;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_CONFIGS;
    }

    /** A key with its value, its source and a synonym or two, while the answer is built. */
    private static final long KEY_BYTES = 400;

    @Override
    public long answerBytes(RequestContext context, DescribeConfigsRequestData request) {
        ClusterImage image = metadata.image();
        Map<Byte, Long> keys = new HashMap<>();
        Set<ConfigResource> counted = new HashSet<>();
        long bytes = 0;
        for (DescribeConfigsResource resource : request.resources()) {
            if (counted.add(identity(resource))) {
                List<String> asked = resource.configurationKeys();
                boolean all = asked == null || asked.isEmpty();
                bytes += KEY_BYTES
                        * (all
                                ? keys.computeIfAbsent(resource.resourceType(), type -> keyCount(resource, image))
                                : asked.size());
            }
        }
        return bytes;
    }

    private long keyCount(DescribeConfigsResource any, ClusterImage image) {
        return ConfigResource.Type.forId(any.resourceType()) == ConfigResource.Type.UNKNOWN
                ? 0
                : describe(any, image).size();
    }

    private static ConfigResource identity(DescribeConfigsResource resource) {
        return new ConfigResource(ConfigResource.Type.forId(resource.resourceType()), resource.resourceName());
    }

    @Override
    public Future<DescribeConfigsResponseData> handle(RequestContext context, DescribeConfigsRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        ClusterImage image = metadata.image();
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        Set<ConfigResource> told = new HashSet<>();
        for (DescribeConfigsResource resource : request.resources()) {
            if (!told.add(identity(resource))) {
                continue;
            }
            DescribeConfigsResult result = new DescribeConfigsResult()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName());
            response.results().add(result);
            Outcome outcome = check(resource, image, sender);
            if (outcome.isOk()) {
                describe(resource, image).stream()
                        .filter(config -> asked(resource, config))
                        .map(config -> entry(config, request))
                        .forEach(result.configs()::add);
            } else {
                result.setErrorCode(outcome.error().code()).setErrorMessage(Answer.message(outcome));
            }
        }
        return Future.succeededFuture(response);
    }

    private static boolean asked(DescribeConfigsResource resource, DescribedConfig config) {
        List<String> keys = resource.configurationKeys();
        return keys == null || keys.isEmpty() || keys.contains(config.name());
    }

    private Outcome check(DescribeConfigsResource resource, ClusterImage image, Permissions sender) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        String name = resource.resourceName();
        Errors denial = ConfigResources.denial(sender, AclOperation.DESCRIBE_CONFIGS, type, name);
        if (type == ConfigResource.Type.UNKNOWN) {
            return invalid("Unexpected resource type with id " + resource.resourceType() + " for resource " + name);
        }
        if (denial != Errors.NONE) {
            return Answer.refused(denial);
        }
        return switch (type) {
            case TOPIC -> checkTopic(name, image);
            case BROKER -> name.isEmpty() ? Outcome.ok() : checkNode(name);
            case BROKER_LOGGER -> name.isEmpty() ? invalid("Broker id must not be empty") : checkNode(name);
            case GROUP -> name.isEmpty() ? invalid("Group name must not be empty") : Outcome.ok();
            case CLIENT_METRICS ->
                name.isEmpty() ? invalid("Client metrics subscription name must not be empty") : Outcome.ok();
            case UNKNOWN -> throw new IllegalStateException("checked above");
        };
    }

    private static Outcome checkTopic(String name, ClusterImage image) {
        try {
            Topic.validate(name);
        } catch (InvalidTopicException e) {
            return Outcome.refused(Errors.INVALID_TOPIC_EXCEPTION, String.valueOf(e.getMessage()));
        }
        return image.topics().containsKey(name) ? Outcome.ok() : Answer.refused(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private Outcome checkNode(String name) {
        return name.equals(Integer.toString(node.nodeId()))
                ? Outcome.ok()
                : invalid("Unexpected broker id, expected " + node.nodeId() + " or empty string, but received " + name);
    }

    private List<DescribedConfig> describe(DescribeConfigsResource resource, ClusterImage image) {
        ConfigLayers layers = node.layers(image);
        String name = resource.resourceName();
        return switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC -> ConfigDescriptions.topic(layers, image.configs(ConfigTarget.topic(name)));
            case BROKER ->
                name.isEmpty() ? ConfigDescriptions.brokerDefaults(layers) : ConfigDescriptions.broker(layers);
            case GROUP -> ConfigDescriptions.group(layers, image.configs(ConfigTarget.group(name)));
            case CLIENT_METRICS ->
                ConfigDescriptions.clientMetrics(
                        image.configs(new ConfigTarget(ConfigTarget.Kind.CLIENT_METRICS, name)));
            case BROKER_LOGGER -> describeLoggers();
            case UNKNOWN -> throw new IllegalStateException("checked above");
        };
    }

    private List<DescribedConfig> describeLoggers() {
        return loggers.levels().entrySet().stream()
                .map(logger -> new DescribedConfig(
                        logger.getKey(),
                        logger.getValue(),
                        ConfigSource.DYNAMIC_BROKER_LOGGER,
                        false,
                        false,
                        List.of(),
                        null,
                        ""))
                .toList();
    }

    private static DescribeConfigsResourceResult entry(DescribedConfig config, DescribeConfigsRequestData request) {
        DescribeConfigsResourceResult entry = new DescribeConfigsResourceResult()
                .setName(config.name())
                .setValue(config.value())
                .setReadOnly(config.readOnly())
                .setConfigSource(config.source().id())
                .setIsSensitive(config.sensitive())
                .setConfigType(type(config.type()).id())
                .setDocumentation(request.includeDocumentation() ? config.documentation() : null);
        if (request.includeSynonyms()) {
            config.synonyms().forEach(set -> entry.synonyms()
                    .add(new DescribeConfigsSynonym()
                            .setName(set.name())
                            .setValue(set.value())
                            .setSource(set.source().id())));
        }
        return entry;
    }

    private static DescribeConfigsResponse.ConfigType type(@Nullable Type type) {
        return type == null
                ? DescribeConfigsResponse.ConfigType.UNKNOWN
                : switch (type) {
                    case BOOLEAN -> DescribeConfigsResponse.ConfigType.BOOLEAN;
                    case STRING -> DescribeConfigsResponse.ConfigType.STRING;
                    case INT -> DescribeConfigsResponse.ConfigType.INT;
                    case SHORT -> DescribeConfigsResponse.ConfigType.SHORT;
                    case LONG -> DescribeConfigsResponse.ConfigType.LONG;
                    case DOUBLE -> DescribeConfigsResponse.ConfigType.DOUBLE;
                    case LIST -> DescribeConfigsResponse.ConfigType.LIST;
                    case CLASS -> DescribeConfigsResponse.ConfigType.CLASS;
                    case PASSWORD -> DescribeConfigsResponse.ConfigType.PASSWORD;
                };
    }

    private static Outcome invalid(String message) {
        return Outcome.refused(Errors.INVALID_REQUEST, message);
    }
}
