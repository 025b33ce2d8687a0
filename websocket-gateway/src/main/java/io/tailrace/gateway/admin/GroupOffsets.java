// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.gateway.access.Visitor;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;

/** Where groups are. */
final class GroupOffsets {

    /** The last version that speaks of topics by name. */
    private static final int BY_NAME = 9;

    private final KafkaApis apis;
    private final PartitionStats stats;

    GroupOffsets(KafkaApis apis, PartitionStats stats) {
        this.apis = apis;
        this.stats = stats;
    }

    /**
     * Where a group is in one partition.
     *
     * @param end the high watermark; -1 if it is not known here
     */
    record Committed(TopicPartition partition, long offset, int leaderEpoch, String metadata, long end) {

        /** In records; -1 if it is not known. */
        long lag() {
            return end < 0 ? -1 : Math.max(0, end - offset);
        }

        JsonObject json() {
            return new JsonObject()
                    .put("topic", partition.topic())
                    .put("partition", partition.partition())
                    .put("offset", offset)
                    .put("metadata", metadata)
                    .put("end", end)
                    .put("lag", lag());
        }
    }

    /** Sorted by partition; a group that may not be looked at, or is just moving, has none. */
    Future<Map<String, List<Committed>>> committed(Visitor visitor, List<String> groups) {
        OffsetFetchRequestData request = new OffsetFetchRequestData()
                .setGroups(groups.stream()
                        .map(group -> new OffsetFetchRequestGroup()
                                .setGroupId(group)
                                .setMemberId(null)
                                .setMemberEpoch(-1)
                                .setTopics(null))
                        .toList());
        return Future.all(apis.ask(visitor, BY_NAME, request, OffsetFetchResponseData.class), stats.sample())
                .map(both -> {
                    OffsetFetchResponseData response = both.resultAt(0);
                    PartitionStats.Sample sample = both.resultAt(1);
                    Map<String, List<Committed>> all = new HashMap<>();
                    response.groups().forEach(group -> all.put(group.groupId(), sorted(group, sample)));
                    return all;
                });
    }

    private static List<Committed> sorted(
            OffsetFetchResponseData.OffsetFetchResponseGroup group, PartitionStats.Sample sample) {
        List<Committed> positions = new ArrayList<>();
        group.topics().forEach(topic -> topic.partitions().stream()
                .filter(partition -> partition.committedOffset() >= 0)
                .forEach(partition -> {
                    TopicPartition of = new TopicPartition(topic.name(), partition.partitionIndex());
                    String metadata = partition.metadata();
                    positions.add(new Committed(
                            of,
                            partition.committedOffset(),
                            partition.committedLeaderEpoch(),
                            metadata == null ? "" : metadata,
                            sample.end(of)));
                }));
        positions.sort((a, b) -> {
            int byTopic = a.partition().topic().compareTo(b.partition().topic());
            return byTopic != 0
                    ? byTopic
                    : Integer.compare(a.partition().partition(), b.partition().partition());
        });
        return positions;
    }
}
