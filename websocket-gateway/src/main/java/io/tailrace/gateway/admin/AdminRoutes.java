// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.log.LogShards;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/** What can be administered over HTTP, all of it below {@link #PREFIX}. One event loop. */
public final class AdminRoutes {

    public static final String PREFIX = "/v1/admin/";

    private static final Pattern PLACE = Pattern.compile("\\{[a-z]+}");

    private final List<Route> table = new ArrayList<>();

    private record Route(String method, String path, Pattern pattern, Function<Ask, Future<JsonObject>> answer) {}

    /** What this needs of the node around it. */
    public record Ports(int nodeId, KafkaApis apis, MetadataView metadata, LogShards logs, Traffic traffic) {}

    public AdminRoutes(Ports ports) {
        KafkaApis apis = ports.apis();
        PartitionStats stats = new PartitionStats(ports.logs(), ports.metadata());
        ClusterPages cluster = new ClusterPages(ports.nodeId(), ports.metadata(), stats, ports.traffic());
        TopicPages topics = new TopicPages(ports.metadata(), stats);
        TopicOperations topicOperations = new TopicOperations(apis, topics);
        ConfigPages topicConfigs = new ConfigPages(apis, ConfigResource.Type.TOPIC);
        ConfigPages nodeConfigs = new ConfigPages(apis, ConfigResource.Type.BROKER);
        GroupOffsets offsets = new GroupOffsets(apis, stats);
        GroupPages groups = new GroupPages(ports.metadata(), apis, offsets);
        GroupOperations groupOperations = new GroupOperations(apis, topics, offsets, new ResetTargets(apis));

        add("GET", "cluster", cluster::cluster);
        add("GET", "traffic", cluster::traffic);
        add("GET", "brokers/{id}/configs", nodeConfigs::describe);
        add("PATCH", "brokers/{id}/configs", nodeConfigs::alter);
        add("GET", "topics", topics::list);
        add("POST", "topics", topicOperations::create);
        add("GET", "topics/{topic}", topics::describe);
        add("DELETE", "topics/{topic}", topicOperations::delete);
        add("POST", "topics/{topic}/partitions", topicOperations::addPartitions);
        add("DELETE", "topics/{topic}/records", topicOperations::deleteRecords);
        add("GET", "topics/{topic}/configs", topicConfigs::describe);
        add("PATCH", "topics/{topic}/configs", topicConfigs::alter);
        add("GET", "groups", groups::list);
        add("GET", "groups/{group}", groups::describe);
        add("DELETE", "groups/{group}", groupOperations::delete);
        add("POST", "groups/{group}/offsets", groupOperations::reset);
        add("DELETE", "groups/{group}/offsets", groupOperations::deleteOffsets);
    }

    private void add(String method, String path, Function<Ask, Future<JsonObject>> answer) {
        table.add(new Route(method, path, Pattern.compile(PLACE.matcher(path).replaceAll("([^/]{1,249})")), answer));
    }

    /** The methods and paths of the table, as in the OpenAPI document. */
    public Set<String> table() {
        return table.stream()
                .map(route -> route.method() + " " + PREFIX + route.path())
                .collect(Collectors.toSet());
    }

    /** The methods that an address takes; empty if there is none such. */
    public Set<String> methods(String path) {
        return table.stream()
                .filter(route -> route.pattern().matcher(path).matches())
                .map(Route::method)
                .collect(Collectors.toSet());
    }

    /**
     * Answers a request; a refusal is a failure with {@link AdminException}.
     *
     * @param path behind the prefix, as sent
     * @param body null if there is none
     */
    public Future<JsonObject> answer(
            Visitor visitor, String method, String path, Map<String, String> query, @Nullable JsonObject body) {
        for (Route route : table) {
            Matcher matcher = route.pattern().matcher(path);
            if (route.method().equals(method) && matcher.matches()) {
                List<String> places = new ArrayList<>();
                for (int group = 1; group <= matcher.groupCount(); group++) {
                    places.add(java.net.URLDecoder.decode(
                            matcher.group(group).replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8));
                }
                Ask ask = new Ask(visitor, places, query, body == null ? new JsonObject() : body);
                // A refusal before anything was asked is one like any other.
                return Future.succeededFuture().compose(now -> route.answer().apply(ask));
            }
        }
        return Future.failedFuture(AdminException.notFound("there is nothing at this address"));
    }
}
