// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;

/** Topics and their partitions, as they are. */
final class TopicPages {

    private final MetadataView metadata;
    private final PartitionStats stats;

    TopicPages(MetadataView metadata, PartitionStats stats) {
        this.metadata = metadata;
        this.stats = stats;
    }

    /** A topic with what its partitions on this node add up to. */
    private record Row(TopicImage topic, long records, long bytes, boolean underReplicated) {

        static Row of(TopicImage topic, PartitionStats.Sample sample) {
            long records = 0;
            long bytes = 0;
            boolean under = false;
            for (PartitionImage partition : topic.partitions()) {
                under |= partition.isr().size() < partition.replicas().size();
                DescribePartitions.Partition found = sample.of(PartitionKey.of(topic, partition.index()));
                if (found != null) {
                    records += Math.max(0, found.highWatermark() - found.logStartOffset());
                    bytes += found.bytes();
                }
            }
            return new Row(topic, records, bytes, under);
        }

        JsonObject json() {
            List<PartitionImage> partitions = topic.partitions();
            return new JsonObject()
                    .put("name", topic.name())
                    .put("id", topic.id().toString())
                    .put("internal", Topic.isInternal(topic.name()))
                    .put("partitions", partitions.size())
                    .put(
                            "replicationFactor",
                            partitions.isEmpty()
                                    ? 0
                                    : partitions.get(0).replicas().size())
                    .put("underReplicated", underReplicated)
                    .put("cleanupPolicy", topic.configs().getOrDefault("cleanup.policy", "delete"))
                    .put("records", records)
                    .put("bytes", bytes);
        }
    }

    Future<JsonObject> list(Ask ask) {
        Page page = Page.of(ask);
        String search = ask.text("search").toLowerCase(Locale.ROOT);
        boolean internal = ask.flag("internal");
        Comparator<Row> order = order(ask);
        return stats.sample()
                .map(sample -> page.json(
                        metadata.image().topics().values().stream()
                                .filter(topic -> internal || !Topic.isInternal(topic.name()))
                                .filter(topic ->
                                        topic.name().toLowerCase(Locale.ROOT).contains(search))
                                .filter(topic -> ask.visitor().may(AclOperation.DESCRIBE, topic.name()))
                                .map(topic -> Row.of(topic, sample))
                                .sorted(order)
                                .toList(),
                        Row::json));
    }

    private static Comparator<Row> order(Ask ask) {
        Comparator<Row> byName = Comparator.comparing(row -> row.topic().name());
        Comparator<Row> order =
                switch (ask.text("sort")) {
                    case "", "name" -> byName;
                    case "records" -> Comparator.comparingLong(Row::records).thenComparing(byName);
                    case "bytes" -> Comparator.comparingLong(Row::bytes).thenComparing(byName);
                    case "partitions" ->
                        Comparator.<Row>comparingInt(
                                        row -> row.topic().partitions().size())
                                .thenComparing(byName);
                    default -> throw AdminException.invalid("sort must be name, records, bytes or partitions");
                };
        return ask.flag("descending") ? order.reversed() : order;
    }

    Future<JsonObject> describe(Ask ask) {
        TopicImage topic = find(ask, AclOperation.DESCRIBE);
        return (ask.flag("fresh") ? stats.now() : stats.sample()).map(sample -> {
            JsonArray partitions = new JsonArray();
            topic.partitions().forEach(partition -> partitions.add(partition(topic, partition, sample)));
            return Row.of(topic, sample)
                    .json()
                    .put("set", topic.configs().size())
                    .put("partitionList", partitions);
        });
    }

    private JsonObject partition(TopicImage topic, PartitionImage partition, PartitionStats.Sample sample) {
        JsonObject json = new JsonObject()
                .put("partition", partition.index())
                .put("leader", partition.leader())
                .put("leaderEpoch", partition.leaderEpoch())
                .put("replicas", new JsonArray(partition.replicas()))
                .put("isr", new JsonArray(partition.isr()))
                .put("elr", new JsonArray(partition.elr()));
        DescribePartitions.Partition found = sample.of(PartitionKey.of(topic, partition.index()));
        if (found != null) {
            json.put("start", found.logStartOffset())
                    .put("end", found.highWatermark())
                    .put("bytes", found.bytes())
                    .put("directory", found.directory());
        } else if (sample.nodes().containsKey(partition.leader())) {
            // Nothing was ever written to it: its log is made by the first record.
            json.put("start", 0).put("end", 0).put("bytes", 0);
        }
        return json;
    }

    /** The topic that a request is about. */
    TopicImage find(Ask ask, AclOperation operation) {
        if (!ask.visitor().may(operation, ask.name())) {
            throw new AdminException(Errors.TOPIC_AUTHORIZATION_FAILED, "not allowed on " + ask.name());
        }
        return metadata.image()
                .topic(ask.name())
                .orElseThrow(
                        () -> new AdminException(Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + ask.name()));
    }
}
