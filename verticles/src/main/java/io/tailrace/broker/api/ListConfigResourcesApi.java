// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * ListConfigResources (key 74, versions 0-1; KIP-1142): which resources have configuration.
 *
 * <p>v0 was ListClientMetricsResources and lists those alone. v1 lists the kinds asked for, or all: topics and nodes that exist, groups and
 * client metrics subscriptions that something is set on.
 */
public final class ListConfigResourcesApi implements KafkaApi<ListConfigResourcesRequestData> {

    private static final List<ConfigResource.Type> ALL = List.of(
            ConfigResource.Type.GROUP,
            ConfigResource.Type.CLIENT_METRICS,
            ConfigResource.Type.BROKER_LOGGER,
            ConfigResource.Type.BROKER,
            ConfigResource.Type.TOPIC);

    private final MetadataView metadata;
    private final Authorizer authorizer;

    public ListConfigResourcesApi(MetadataView metadata, Authorizer authorizer) {
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_CONFIG_RESOURCES;
    }

    @Override
    public Future<ListConfigResourcesResponseData> handle(
            RequestContext context, ListConfigResourcesRequestData request) {
        ListConfigResourcesResponseData response = new ListConfigResourcesResponseData();
        if (!new Permissions(authorizer, context).onCluster(AclOperation.DESCRIBE_CONFIGS)) {
            return Future.succeededFuture(response.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
        }
        ClusterImage image = metadata.image();
        for (ConfigResource.Type type : kinds(context.apiVersion(), request)) {
            if (!ALL.contains(type)) {
                return Future.succeededFuture(
                        new ListConfigResourcesResponseData().setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
            }
            for (String name : names(type, image)) {
                response.configResources()
                        .add(new ListConfigResourcesResponseData.ConfigResource()
                                .setResourceName(name)
                                .setResourceType(type.id()));
            }
        }
        return Future.succeededFuture(response);
    }

    private static Collection<ConfigResource.Type> kinds(short version, ListConfigResourcesRequestData request) {
        if (version == 0) {
            return List.of(ConfigResource.Type.CLIENT_METRICS);
        }
        Set<ConfigResource.Type> kinds = new LinkedHashSet<>();
        request.resourceTypes().forEach(id -> kinds.add(ConfigResource.Type.forId(id)));
        return kinds.isEmpty() ? ALL : kinds;
    }

    private static Collection<String> names(ConfigResource.Type type, ClusterImage image) {
        return switch (type) {
            case TOPIC -> new TreeSet<>(image.topics().keySet());
            case GROUP -> new TreeSet<>(image.groupConfigs().keySet());
            case CLIENT_METRICS -> new TreeSet<>(image.clientMetricsConfigs().keySet());
            case BROKER, BROKER_LOGGER ->
                image.brokers().values().stream()
                        .filter(broker -> !broker.fenced())
                        .map(broker -> Integer.toString(broker.id()))
                        .sorted()
                        .toList();
            case UNKNOWN -> List.of();
        };
    }
}
