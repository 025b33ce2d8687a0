// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.cluster.bus.DescribePartitions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DescribeLogDirs, key 35, versions 1 to 5 (KIP-113, KIP-827): the log directories of this node, how full they are, and the partitions in them.
 * Topics that do not exist are left out. There are no future replicas: partitions do not move between directories.
 */
public final class DescribeLogDirsApi implements KafkaApi<DescribeLogDirsRequestData> {

    private final Bus bus;
    private final Authorizer authorizer;

    public DescribeLogDirsApi(Bus bus, Authorizer authorizer) {
        this.bus = bus;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_LOG_DIRS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, DescribeLogDirsRequestData request) {
        if (!authorizer.allows(context, AclOperation.DESCRIBE, ResourceType.CLUSTER, Resource.CLUSTER_NAME)) {
            return Future.succeededFuture(
                    new DescribeLogDirsResponseData().setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
        }
        Wanted wanted = Wanted.of(request);
        return Future.all(bus.askAll(new DescribePartitions())).map(all -> response(all.list(), wanted));
    }

    private static DescribeLogDirsResponseData response(List<DescribePartitions.Reply> shards, Wanted wanted) {
        Map<String, DescribeLogDirsResult> directories = new LinkedHashMap<>();
        Map<List<String>, DescribeLogDirsTopic> topics = new HashMap<>();
        for (DescribePartitions.Reply shard : shards) {
            for (DescribePartitions.Directory directory : shard.directories()) {
                directories.computeIfAbsent(directory.path(), path -> new DescribeLogDirsResult()
                        .setLogDir(path)
                        .setErrorCode(directory.error().code())
                        .setTotalBytes(directory.totalBytes())
                        .setUsableBytes(directory.usableBytes()));
            }
            for (DescribePartitions.Partition partition : shard.partitions()) {
                DescribeLogDirsResult directory = directories.get(partition.directory());
                if (directory != null && wanted.has(partition)) {
                    topics.computeIfAbsent(List.of(partition.directory(), partition.topic()), at -> {
                                DescribeLogDirsTopic topic = new DescribeLogDirsTopic().setName(partition.topic());
                                directory.topics().add(topic);
                                return topic;
                            })
                            .partitions()
                            .add(new DescribeLogDirsPartition()
                                    .setPartitionIndex(partition.key().partition())
                                    .setPartitionSize(partition.bytes())
                                    .setOffsetLag(Math.max(0, partition.highWatermark() - partition.logEndOffset())));
                }
            }
        }
        return new DescribeLogDirsResponseData().setResults(new ArrayList<>(directories.values()));
    }

    /** @param topics partitions by topic; empty for all */
    private record Wanted(Optional<Map<String, List<Integer>>> topics) {

        static Wanted of(DescribeLogDirsRequestData request) {
            if (request.topics() == null) {
                return new Wanted(Optional.empty());
            }
            Map<String, List<Integer>> named = new HashMap<>();
            request.topics().forEach(topic -> named.put(topic.topic(), topic.partitions()));
            return new Wanted(Optional.of(named));
        }

        boolean has(DescribePartitions.Partition partition) {
            return topics.isEmpty()
                    || topics.get()
                            .getOrDefault(partition.topic(), List.of())
                            .contains(partition.key().partition());
        }
    }
}
