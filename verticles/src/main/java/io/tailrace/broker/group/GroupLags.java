// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.ShardSplit;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/**
 * How far groups are behind: what the coordinators of this node hold against the ends of the partitions that this node leads. Taken when
 * somebody asks, such as a scrape of the metrics, and costs nothing in between. Partitions that other nodes
 * lead are left out.
 *
 * <p>Safe from any thread.
 */
public final class GroupLags {

    private final GroupCoordinators groups;
    private final Bus bus;
    private final MetadataView metadata;
    private final int nodeId;

    public GroupLags(GroupCoordinators groups, Bus bus, MetadataView metadata, int nodeId) {
        this.groups = groups;
        this.bus = bus;
        this.metadata = metadata;
        this.nodeId = nodeId;
    }

    /** @param records from the commit to the high watermark; 0 or more */
    public record Lag(String groupId, TopicPartition partition, long committedOffset, long records) {}

    /** One sample, in no order. Never fails; partitions that cannot be asked are left out. */
    public Future<List<Lag>> sample() {
        return groups.askAll(new AdminRequest.ListPositions()).compose(this::compare);
    }

    private Future<List<Lag>> compare(List<GroupReply> replies) {
        List<AdminRequest.Position> positions = new ArrayList<>();
        for (GroupReply reply : replies) {
            positions.addAll(
                    reply.map(AdminRequest.Positions.class, AdminRequest.Positions::positions, error -> List.of()));
        }
        ClusterImage image = metadata.image();
        Map<TopicPartition, Long> ends = new HashMap<>();
        ShardSplit<ListOffsets.Part, TopicPartition> split = new ShardSplit<>(bus);
        positions.stream().map(AdminRequest.Position::partition).distinct().forEach(partition -> {
            int leader = image.partition(partition.topic(), partition.partition())
                    .map(PartitionImage::leader)
                    .orElse(PartitionImage.NO_LEADER);
            image.topic(partition.topic()).filter(topic -> leader == nodeId).ifPresent(topic -> {
                PartitionKey key = PartitionKey.of(topic, partition.partition());
                split.add(key, new ListOffsets.Part(key, -1, -1), partition);
            });
        });
        return split.ask(
                        parts -> new ListOffsets(Isolation.READ_UNCOMMITTED, parts),
                        ListOffsets.Reply::results,
                        (partition, result) -> {
                            if (result.error() == Errors.NONE) {
                                ends.put(partition, result.offset());
                            }
                        },
                        (partition, error) -> {})
                .map(asked -> lags(positions, ends));
    }

    private static List<Lag> lags(List<AdminRequest.Position> positions, Map<TopicPartition, Long> ends) {
        List<Lag> lags = new ArrayList<>();
        for (AdminRequest.Position position : positions) {
            Long end = ends.get(position.partition());
            if (end != null) {
                lags.add(new Lag(
                        position.groupId(),
                        position.partition(),
                        position.offset(),
                        Math.max(0, end - position.offset())));
            }
        }
        return lags;
    }
}
