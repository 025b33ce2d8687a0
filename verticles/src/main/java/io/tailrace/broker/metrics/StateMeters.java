// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.tailrace.broker.group.GroupLags;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.Errors;

/**
 * What is, rather than what happened. Names of groups and topics are of clients' choosing, so there is a bound to how many get a series of
 * their own: those that are furthest behind.
 */
final class StateMeters {

    /** A scrape of as many takes Prometheus some milliseconds; fifteen thousand groups on fifty partitions each would take it down. */
    static final int MOST_LAGS = 2_000;

    private final MetadataView metadata;
    private final AtomicLong logBytes = new AtomicLong();
    private final AtomicLong logPartitions = new AtomicLong();
    private final AtomicLong groups = new AtomicLong();
    private final AtomicLong lagsLeftOut = new AtomicLong();
    private final MultiGauge diskTotal;
    private final MultiGauge diskUsable;
    private final MultiGauge diskOnline;
    private final MultiGauge lag;

    StateMeters(MeterRegistry registry, MetadataView metadata) {
        this.metadata = metadata;
        gauge(registry, "tailrace.log.bytes", logBytes, "Bytes in the logs of this node");
        gauge(registry, "tailrace.log.partitions", logPartitions, "Partitions with a log on this node");
        gauge(registry, "tailrace.groups", groups, "Groups with committed offsets that this node coordinates");
        gauge(
                registry,
                "tailrace.group.lag.left.out",
                lagsLeftOut,
                "Group partitions without a series: those that are least behind");
        cluster(registry, "tailrace.cluster.topics", "Topics", topic -> 1);
        cluster(registry, "tailrace.cluster.partitions", "Partitions", topic -> topic.partitions()
                .size());
        cluster(
                registry,
                "tailrace.cluster.partitions.offline",
                "Partitions without a leader",
                topic -> count(topic, partition -> partition.leader() == PartitionImage.NO_LEADER));
        cluster(
                registry,
                "tailrace.cluster.partitions.under.replicated",
                "Partitions with replicas that are not in sync",
                topic -> count(
                        topic,
                        partition ->
                                partition.isr().size() < partition.replicas().size()));
        diskTotal = MultiGauge.builder("tailrace.disk.total.bytes")
                .description("Size of the file system of a log directory")
                .register(registry);
        diskUsable = MultiGauge.builder("tailrace.disk.usable.bytes")
                .description("What is free there")
                .register(registry);
        diskOnline = MultiGauge.builder("tailrace.disk.online")
                .description("1 if the log directory is in service, 0 if it failed")
                .register(registry);
        lag = MultiGauge.builder("tailrace.group.lag.records")
                .description("From what a group committed to the high watermark; the " + MOST_LAGS + " largest")
                .register(registry);
    }

    private static void gauge(MeterRegistry registry, String name, AtomicLong value, String description) {
        Gauge.builder(name, value, AtomicLong::get).description(description).register(registry);
    }

    private void cluster(
            MeterRegistry registry,
            String name,
            String description,
            java.util.function.ToLongFunction<TopicImage> each) {
        Gauge.builder(name, metadata, view -> view.image().topics().values().stream()
                        .mapToLong(each)
                        .sum())
                .description(description)
                .register(registry);
    }

    private static long count(TopicImage topic, java.util.function.Predicate<PartitionImage> which) {
        return topic.partitions().stream().filter(which).count();
    }

    void update(List<DescribePartitions.Reply> shards, List<GroupLags.Lag> lags) {
        Map<String, DescribePartitions.Directory> directories = new HashMap<>();
        long bytes = 0;
        long partitions = 0;
        for (DescribePartitions.Reply shard : shards) {
            shard.directories().forEach(directory -> directories.putIfAbsent(directory.path(), directory));
            partitions += shard.partitions().size();
            bytes += shard.partitions().stream()
                    .mapToLong(DescribePartitions.Partition::bytes)
                    .sum();
        }
        logBytes.set(bytes);
        logPartitions.set(partitions);
        diskTotal.register(rows(directories, DescribePartitions.Directory::totalBytes), true);
        diskUsable.register(rows(directories, DescribePartitions.Directory::usableBytes), true);
        diskOnline.register(rows(directories, directory -> directory.error() == Errors.NONE ? 1 : 0), true);
        groups.set(lags.stream().map(GroupLags.Lag::groupId).distinct().count());
        lagsLeftOut.set(Math.max(0, lags.size() - MOST_LAGS));
        lag.register(
                lags.stream()
                        .sorted(Comparator.comparingLong(GroupLags.Lag::records).reversed())
                        .limit(MOST_LAGS)
                        .map(one -> MultiGauge.Row.of(
                                Tags.of(
                                        "group", one.groupId(),
                                        "topic", one.partition().topic(),
                                        "partition",
                                                Integer.toString(one.partition().partition())),
                                one.records()))
                        .collect(Collectors.toList()),
                true);
    }

    private static List<MultiGauge.Row<?>> rows(
            Map<String, DescribePartitions.Directory> directories,
            java.util.function.ToLongFunction<DescribePartitions.Directory> value) {
        return directories.values().stream()
                .<MultiGauge.Row<?>>map(directory ->
                        MultiGauge.Row.of(Tags.of("directory", directory.path()), value.applyAsLong(directory)))
                .toList();
    }
}
