// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.Errors;

/** The cluster as a whole: nodes, disks, traffic. */
final class ClusterPages {

    private final int nodeId;
    private final long startedMs = System.currentTimeMillis();
    private final MetadataView metadata;
    private final PartitionStats stats;
    private final Traffic traffic;

    ClusterPages(int nodeId, MetadataView metadata, PartitionStats stats, Traffic traffic) {
        this.nodeId = nodeId;
        this.metadata = metadata;
        this.stats = stats;
        this.traffic = traffic;
    }

    Future<JsonObject> cluster(Ask ask) {
        requireDescribe(ask);
        return stats.sample().map(this::cluster);
    }

    private JsonObject cluster(PartitionStats.Sample sample) {
        ClusterImage image = metadata.image();
        Map<Integer, Integer> leaders = new HashMap<>();
        Map<Integer, Integer> replicas = new HashMap<>();
        Map<Integer, Integer> inSync = new HashMap<>();
        int partitions = 0;
        int offline = 0;
        int underReplicated = 0;
        for (TopicImage topic : image.topics().values()) {
            for (PartitionImage partition : topic.partitions()) {
                partitions++;
                leaders.merge(partition.leader(), 1, Integer::sum);
                partition.replicas().forEach(replica -> replicas.merge(replica, 1, Integer::sum));
                partition.isr().forEach(replica -> inSync.merge(replica, 1, Integer::sum));
                offline += partition.leader() == PartitionImage.NO_LEADER ? 1 : 0;
                underReplicated += partition.isr().size() < partition.replicas().size() ? 1 : 0;
            }
        }
        JsonArray brokers = new JsonArray();
        image.brokers().values().stream()
                .sorted((a, b) -> Integer.compare(a.id(), b.id()))
                .forEach(broker -> brokers.add(broker(broker, image, sample)
                        .put("leaders", leaders.getOrDefault(broker.id(), 0))
                        .put("replicas", replicas.getOrDefault(broker.id(), 0))
                        .put("inSync", inSync.getOrDefault(broker.id(), 0))));
        return new JsonObject()
                .put("clusterId", image.clusterId())
                .put("node", nodeId)
                .put("startedMs", startedMs)
                .put("controller", image.controllerId())
                .put("metadataVersion", image.version())
                .put("brokers", brokers)
                .put("topics", image.topics().size())
                .put("partitions", partitions)
                .put("offlinePartitions", offline)
                .put("underReplicatedPartitions", underReplicated)
                .put("bytes", sample.bytes())
                .put("directories", directories(sample));
    }

    private static JsonObject broker(BrokerImage broker, ClusterImage image, PartitionStats.Sample sample) {
        PartitionStats.Node node = sample.nodes().get(broker.id());
        JsonArray listeners = new JsonArray();
        broker.endpoints()
                .forEach(endpoint -> listeners.add(new JsonObject()
                        .put("name", endpoint.listener())
                        .put("security", endpoint.securityProtocol())
                        .put("host", endpoint.host())
                        .put("port", endpoint.port())));
        return new JsonObject()
                .put("id", broker.id())
                .put("rack", broker.rack().orElse(null))
                .put("fenced", broker.fenced())
                .put("controller", broker.id() == image.controllerId())
                .put("listeners", listeners)
                .put("reached", node != null)
                .put("bytes", node == null ? null : node.bytes());
    }

    private static JsonArray directories(PartitionStats.Sample sample) {
        JsonArray directories = new JsonArray();
        sample.nodes().forEach((id, node) -> node.directories()
                .values()
                .forEach(directory -> directories.add(new JsonObject()
                        .put("node", id)
                        .put("path", directory.path())
                        .put("online", directory.error() == Errors.NONE)
                        .put("totalBytes", directory.totalBytes())
                        .put("usableBytes", directory.usableBytes())
                        .put("bytes", node.bytesByPath().getOrDefault(directory.path(), 0L)))));
        return directories;
    }

    Future<JsonObject> traffic(Ask ask) {
        requireDescribe(ask);
        int most = ask.number("points", 150, 1, 900);
        var all = traffic.points();
        JsonArray points = new JsonArray();
        all.subList(Math.max(0, all.size() - most), all.size())
                .forEach(point -> points.add(new JsonArray()
                        .add(point.timeMs())
                        .add(Math.round(point.bytesIn()))
                        .add(Math.round(point.bytesOut()))
                        .add(Math.round(point.requests()))
                        .add(point.connections())));
        return Future.succeededFuture(
                new JsonObject().put("intervalMs", Traffic.INTERVAL_MS).put("points", points));
    }

    private static void requireDescribe(Ask ask) {
        if (!ask.visitor().mayOnCluster(AclOperation.DESCRIBE)) {
            throw new AdminException(Errors.CLUSTER_AUTHORIZATION_FAILED, null);
        }
    }
}
