// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.gateway.access.Visitor;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.requests.ListOffsetsRequest;

/** Where a group is to be moved to, partition by partition. Never outside of what the log has. */
final class ResetTargets {

    private static final int CONSUMER = -1;

    private final KafkaApis apis;

    ResetTargets(KafkaApis apis) {
        this.apis = apis;
    }

    /** What a request wants. */
    sealed interface Target {

        record Earliest() implements Target {}

        record Latest() implements Target {}

        record Offset(long offset) implements Target {}

        /** The first record that is not older; the end if there is none. */
        record Timestamp(long timestampMs) implements Target {}

        /** So many records on, or back if it is negative. */
        record Shift(long records) implements Target {}

        static Target of(Ask ask) {
            Object to = ask.body().getValue("to");
            if ("earliest".equals(to)) {
                return new Earliest();
            }
            if ("latest".equals(to)) {
                return new Latest();
            }
            if (to instanceof JsonObject place && place.size() == 1) {
                String kind = place.fieldNames().iterator().next();
                if (place.getValue(kind) instanceof Number number) {
                    switch (kind) {
                        case "offset" -> {
                            return new Offset(number.longValue());
                        }
                        case "timestamp" -> {
                            return new Timestamp(number.longValue());
                        }
                        case "shift" -> {
                            return new Shift(number.longValue());
                        }
                        default -> {}
                    }
                }
            }
            throw AdminException.invalid(
                    "to must be \"earliest\", \"latest\", {\"offset\":n}, {\"timestamp\":ms} or {\"shift\":n}");
        }
    }

    /** @param current where the group is; negative where it has committed nothing */
    Future<Map<TopicPartition, Long>> find(Visitor visitor, Target target, Map<TopicPartition, Long> current) {
        List<TopicPartition> partitions = new ArrayList<>(current.keySet());
        Future<Map<TopicPartition, Long>> earliest =
                offsets(visitor, partitions, ListOffsetsRequest.EARLIEST_TIMESTAMP);
        Future<Map<TopicPartition, Long>> latest = offsets(visitor, partitions, ListOffsetsRequest.LATEST_TIMESTAMP);
        Future<Map<TopicPartition, Long>> timed = target instanceof Target.Timestamp at
                ? offsets(visitor, partitions, at.timestampMs())
                : Future.succeededFuture(Map.of());
        return Future.all(earliest, latest, timed).map(done -> {
            Map<TopicPartition, Long> moved = new LinkedHashMap<>();
            for (TopicPartition partition : partitions) {
                long start = earliest.result().getOrDefault(partition, 0L);
                long end = latest.result().getOrDefault(partition, start);
                long wanted =
                        switch (target) {
                            case Target.Earliest it -> start;
                            case Target.Latest it -> end;
                            case Target.Offset it -> it.offset();
                            case Target.Timestamp it -> {
                                long found = timed.result().getOrDefault(partition, -1L);
                                yield found < 0 ? end : found;
                            }
                            case Target.Shift it -> {
                                long at = current.getOrDefault(partition, -1L);
                                yield (at < 0 ? start : at) + it.records();
                            }
                        };
                moved.put(partition, Math.clamp(wanted, start, Math.max(start, end)));
            }
            return moved;
        });
    }

    private Future<Map<TopicPartition, Long>> offsets(
            Visitor visitor, List<TopicPartition> partitions, long timestampMs) {
        Map<String, ListOffsetsTopic> topics = new LinkedHashMap<>();
        partitions.forEach(
                partition -> topics.computeIfAbsent(partition.topic(), name -> new ListOffsetsTopic().setName(name))
                        .partitions()
                        .add(new ListOffsetsPartition()
                                .setPartitionIndex(partition.partition())
                                .setTimestamp(timestampMs)));
        ListOffsetsRequestData request =
                new ListOffsetsRequestData().setReplicaId(CONSUMER).setTopics(new ArrayList<>(topics.values()));
        return apis.ask(visitor, 10, request, ListOffsetsResponseData.class).map(response -> {
            Map<TopicPartition, Long> found = new LinkedHashMap<>();
            response.topics().forEach(topic -> topic.partitions().forEach(partition -> {
                AdminException.check(
                        partition.errorCode(), "cannot ask " + topic.name() + "-" + partition.partitionIndex());
                found.put(new TopicPartition(topic.name(), partition.partitionIndex()), partition.offset());
            }));
            return found;
        });
    }
}
