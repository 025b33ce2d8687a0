// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.jspecify.annotations.Nullable;

/** A member of a group of either kind, and the partitions it has. */
record GroupMember(String id, @Nullable String instance, String client, String host, List<TopicPartition> assigned) {

    static GroupMember of(ConsumerGroupDescribeResponseData.Member member) {
        return new GroupMember(
                member.memberId(),
                member.instanceId(),
                member.clientId(),
                member.clientHost(),
                member.assignment().topicPartitions().stream()
                        .flatMap(topic -> topic.partitions().stream()
                                .map(partition -> new TopicPartition(topic.topicName(), partition)))
                        .toList());
    }

    /** Only consumers' assignments can be read; those of other protocols (Connect) are the affair of their clients. */
    static GroupMember of(DescribeGroupsResponseData.DescribedGroupMember member, String protocolType) {
        return new GroupMember(
                member.memberId(),
                member.groupInstanceId(),
                member.clientId(),
                member.clientHost(),
                "consumer".equals(protocolType) ? partitions(member.memberAssignment()) : List.of());
    }

    private static List<TopicPartition> partitions(byte[] assignment) {
        if (assignment.length == 0) {
            return List.of();
        }
        try {
            return ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(assignment))
                    .partitions();
        } catch (SchemaException | SerializationException | java.nio.BufferUnderflowException unreadable) {
            // Any client can call itself a consumer and send what it likes.
            return List.of();
        }
    }

    JsonObject json() {
        Map<String, TreeSet<Integer>> topics = new TreeMap<>();
        assigned.forEach(partition -> topics.computeIfAbsent(partition.topic(), topic -> new TreeSet<>())
                .add(partition.partition()));
        JsonArray assignment = new JsonArray();
        topics.forEach((topic, partitions) -> assignment.add(
                new JsonObject().put("topic", topic).put("partitions", new JsonArray(List.copyOf(partitions)))));
        return new JsonObject()
                .put("id", id)
                .put("instance", instance)
                .put("client", client)
                .put("host", host)
                .put("assignment", assignment);
    }
}
