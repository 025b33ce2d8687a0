// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Changes of groups. Offsets are set as Kafka's own tool sets them: by a commit from outside, which a group with members refuses. */
final class GroupOperations {

    /** The last version that speaks of topics by name. */
    private static final int BY_NAME = 9;

    private static final int NO_GENERATION = -1;

    private final KafkaApis apis;
    private final TopicPages topics;
    private final GroupOffsets offsets;
    private final ResetTargets targets;

    GroupOperations(KafkaApis apis, TopicPages topics, GroupOffsets offsets, ResetTargets targets) {
        this.apis = apis;
        this.topics = topics;
        this.offsets = offsets;
        this.targets = targets;
    }

    Future<JsonObject> delete(Ask ask) {
        DeleteGroupsRequestData request = new DeleteGroupsRequestData().setGroupsNames(List.of(ask.name()));
        return apis.ask(ask.visitor(), 2, request, DeleteGroupsResponseData.class)
                .map(response -> {
                    short error = response.results().iterator().next().errorCode();
                    AdminException.check(
                            error,
                            error == Errors.NON_EMPTY_GROUP.code() ? "the group has members; stop them first" : null);
                    return new JsonObject();
                });
    }

    /** Moves a group; with {@code dryRun} tells what would be done. */
    Future<JsonObject> reset(Ask ask) {
        ResetTargets.Target target = ResetTargets.Target.of(ask);
        String topic = ask.field("topic", String.class);
        return offsets.committed(ask.visitor(), List.of(ask.name())).compose(all -> {
            Map<TopicPartition, Long> current = new TreeMap<>(
                    java.util.Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
            all.getOrDefault(ask.name(), List.of()).stream()
                    .filter(position ->
                            topic == null || position.partition().topic().equals(topic))
                    .forEach(position -> current.put(position.partition(), position.offset()));
            if (topic != null) {
                Ask ofTopic = new Ask(ask.visitor(), List.of(topic), ask.query(), ask.body());
                topics.find(ofTopic, AclOperation.DESCRIBE)
                        .partitions()
                        .forEach(partition -> current.putIfAbsent(new TopicPartition(topic, partition.index()), -1L));
            }
            List<Integer> only = partitions(ask);
            current.keySet().removeIf(partition -> !only.isEmpty() && !only.contains(partition.partition()));
            if (current.isEmpty()) {
                throw AdminException.invalid("the group has committed nothing; name a topic");
            }
            return targets.find(ask.visitor(), target, current)
                    .compose(moved -> Boolean.TRUE.equals(ask.field("dryRun", Boolean.class))
                            ? Future.succeededFuture(json(current, moved))
                            : commit(ask, moved).map(done -> json(current, moved)));
        });
    }

    private static List<Integer> partitions(Ask ask) {
        JsonArray asked = ask.field("partitions", JsonArray.class);
        List<Integer> partitions = new ArrayList<>();
        if (asked != null) {
            for (Object partition : asked) {
                if (!(partition instanceof Number number)) {
                    throw AdminException.invalid("partitions must be numbers");
                }
                partitions.add(number.intValue());
            }
        }
        return partitions;
    }

    private static JsonObject json(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
        JsonArray moves = new JsonArray();
        to.forEach((partition, offset) -> {
            long before = from.getOrDefault(partition, -1L);
            moves.add(new JsonObject()
                    .put("topic", partition.topic())
                    .put("partition", partition.partition())
                    .put("from", before < 0 ? null : before)
                    .put("to", offset));
        });
        return new JsonObject().put("moves", moves);
    }

    private Future<?> commit(Ask ask, Map<TopicPartition, Long> moved) {
        Map<String, OffsetCommitRequestTopic> byTopic = new LinkedHashMap<>();
        moved.forEach((partition, offset) -> byTopic.computeIfAbsent(
                        partition.topic(), name -> new OffsetCommitRequestTopic().setName(name))
                .partitions()
                .add(new OffsetCommitRequestPartition()
                        .setPartitionIndex(partition.partition())
                        .setCommittedOffset(offset)
                        .setCommittedMetadata("")));
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(ask.name())
                .setGenerationIdOrMemberEpoch(NO_GENERATION)
                .setMemberId("")
                .setTopics(new ArrayList<>(byTopic.values()));
        return apis.ask(ask.visitor(), BY_NAME, request, OffsetCommitResponseData.class)
                .map(response -> {
                    response.topics()
                            .forEach(topic -> topic.partitions().forEach(partition -> refuse(partition.errorCode())));
                    return response;
                });
    }

    private static void refuse(short error) {
        boolean members = error == Errors.UNKNOWN_MEMBER_ID.code() || error == Errors.ILLEGAL_GENERATION.code();
        AdminException.check(error, members ? "the group has members; stop them first" : null);
    }

    /** Forgets what a group has committed on a topic. */
    Future<JsonObject> deleteOffsets(Ask ask) {
        String topic = ask.text("topic");
        if (topic.isEmpty()) {
            throw AdminException.invalid("topic is missing");
        }
        return offsets.committed(ask.visitor(), List.of(ask.name()))
                .compose(all -> {
                    OffsetDeleteRequestTopic forgotten = new OffsetDeleteRequestTopic().setName(topic);
                    all.getOrDefault(ask.name(), List.of()).stream()
                            .filter(position -> position.partition().topic().equals(topic))
                            .forEach(position -> forgotten
                                    .partitions()
                                    .add(new OffsetDeleteRequestPartition()
                                            .setPartitionIndex(
                                                    position.partition().partition())));
                    OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId(ask.name());
                    request.topics().add(forgotten);
                    return apis.ask(ask.visitor(), 0, request, OffsetDeleteResponseData.class);
                })
                .map(response -> {
                    AdminException.check(response.errorCode(), null);
                    Map<Integer, Errors> refused = new HashMap<>();
                    response.topics().forEach(one -> one.partitions()
                            .forEach(partition ->
                                    refused.put(partition.partitionIndex(), Errors.forCode(partition.errorCode()))));
                    refused.values().forEach(error -> AdminException.check(error.code(), null));
                    return new JsonObject();
                });
    }
}
