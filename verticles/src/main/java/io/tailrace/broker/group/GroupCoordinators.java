// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.BusException;
import io.tailrace.cluster.bus.GroupCall;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.group.GroupRequest;
import io.tailrace.cluster.group.OffsetRequest;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;

/** How handlers ask the group coordinators of this node. Safe from any thread; futures never fail and complete on the caller's context. */
public final class GroupCoordinators {

    private static final Future<GroupReply> NOT_HERE =
            Future.succeededFuture(new GroupReply.Refused(Errors.NOT_COORDINATOR));

    private final Bus bus;
    private final MetadataView metadata;
    private final int nodeId;

    public GroupCoordinators(Bus bus, MetadataView metadata, int nodeId) {
        this.bus = bus;
        this.metadata = metadata;
        this.nodeId = nodeId;
    }

    /** The partition that a group lives in, as Kafka computes it. */
    public static int partitionOf(String groupId, int partitionCount) {
        return (groupId.hashCode() & Integer.MAX_VALUE) % partitionCount;
    }

    /** Asks the coordinator of the request's group. */
    public Future<GroupReply> ask(GroupRequest request) {
        Optional<TopicImage> topic = metadata.image().topic(Topic.GROUP_METADATA_TOPIC_NAME);
        if (topic.isEmpty() || topic.get().partitions().isEmpty()) {
            return NOT_HERE;
        }
        List<PartitionImage> partitions = topic.get().partitions();
        int partition = partitionOf(request.groupId(), partitions.size());
        return partitions.get(partition).leader() == nodeId ? ask(partition, request) : NOT_HERE;
    }

    /** Whether {@code node} is this one. */
    public boolean isHere(int node) {
        return node == nodeId;
    }

    /** Whether the coordinator of a group of this node cannot serve it yet: it reads its partition, or is about to. Never fails. */
    public Future<Boolean> isLoading(String groupId) {
        return ask(new OffsetRequest.Fetch(groupId, null, -1, false, List.of()))
                .map(reply -> reply instanceof GroupReply.Refused refused
                        && (refused.error() == Errors.COORDINATOR_LOAD_IN_PROGRESS
                                || refused.error() == Errors.NOT_COORDINATOR));
    }

    /** Asks every coordinator of this node; the replies are in order of partitions. */
    public Future<List<GroupReply>> askAll(GroupRequest request) {
        List<Future<GroupReply>> replies = new ArrayList<>();
        metadata.image().topic(Topic.GROUP_METADATA_TOPIC_NAME).ifPresent(topic -> topic.partitions().stream()
                .filter(partition -> partition.leader() == nodeId)
                .forEach(partition -> replies.add(ask(partition.index(), request))));
        return Future.all(replies).map(all -> all.list());
    }

    /** The shard of a partition's coordinator. */
    static int shardOf(int partition, int shardCount) {
        return partition % shardCount;
    }

    private Future<GroupReply> ask(int partition, GroupRequest request) {
        return bus.askGroup(shardOf(partition, bus.shardCount()), new GroupCall(partition, request))
                .otherwise(lost -> new GroupReply.Refused(
                        lost instanceof BusException ? Errors.NOT_COORDINATOR : Errors.UNKNOWN_SERVER_ERROR));
    }
}
