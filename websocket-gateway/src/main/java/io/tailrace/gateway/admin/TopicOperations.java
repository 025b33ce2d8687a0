// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;

/** Changes of topics. */
final class TopicOperations {

    private static final int TIMEOUT_MS = 30_000;
    private static final int BROKER_DEFAULT = -1;

    /** Everything up to the high watermark. */
    private static final long ALL = -1;

    private final KafkaApis apis;
    private final TopicPages topics;

    TopicOperations(KafkaApis apis, TopicPages topics) {
        this.apis = apis;
        this.topics = topics;
    }

    Future<JsonObject> create(Ask ask) {
        CreatableTopic topic = new CreatableTopic()
                .setName(ask.required("name", String.class))
                .setNumPartitions(ask.wholeNumber("partitions", BROKER_DEFAULT))
                .setReplicationFactor((short) ask.wholeNumber("replicationFactor", BROKER_DEFAULT));
        JsonObject configs = ask.field("configs", JsonObject.class);
        if (configs != null) {
            for (Map.Entry<String, Object> config : configs) {
                topic.configs()
                        .add(new CreatableTopicConfig()
                                .setName(config.getKey())
                                .setValue(String.valueOf(config.getValue())));
            }
        }
        CreateTopicsRequestData request = new CreateTopicsRequestData()
                .setTimeoutMs(TIMEOUT_MS)
                .setValidateOnly(Boolean.TRUE.equals(ask.field("validateOnly", Boolean.class)));
        request.topics().add(topic);
        return apis.ask(ask.visitor(), 7, request, CreateTopicsResponseData.class)
                .map(response -> {
                    CreateTopicsResponseData.CreatableTopicResult result =
                            response.topics().iterator().next();
                    AdminException.check(result.errorCode(), result.errorMessage());
                    return new JsonObject()
                            .put("name", result.name())
                            .put("id", result.topicId().toString())
                            .put("partitions", result.numPartitions())
                            .put("replicationFactor", result.replicationFactor());
                });
    }

    Future<JsonObject> delete(Ask ask) {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData()
                .setTimeoutMs(TIMEOUT_MS)
                .setTopics(List.of(new DeleteTopicState().setName(ask.name())));
        return apis.ask(ask.visitor(), 6, request, DeleteTopicsResponseData.class)
                .map(response -> {
                    var result = response.responses().iterator().next();
                    AdminException.check(result.errorCode(), result.errorMessage());
                    return new JsonObject();
                });
    }

    Future<JsonObject> addPartitions(Ask ask) {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData().setTimeoutMs(TIMEOUT_MS);
        request.topics()
                .add(new CreatePartitionsTopic()
                        .setName(ask.name())
                        .setCount(ask.required("count", Number.class).intValue())
                        .setAssignments(null));
        return apis.ask(ask.visitor(), 3, request, CreatePartitionsResponseData.class)
                .map(response -> {
                    var result = response.results().get(0);
                    AdminException.check(result.errorCode(), result.errorMessage());
                    return new JsonObject();
                });
    }

    /** Deletes all records that are there, or those before an offset of one partition. */
    Future<JsonObject> deleteRecords(Ask ask) {
        TopicImage topic = topics.find(ask, AclOperation.DELETE);
        Number partition = ask.field("partition", Number.class);
        Number before = ask.field("before", Number.class);
        if (partition == null && before != null) {
            throw AdminException.invalid("before needs a partition");
        }
        List<DeleteRecordsPartition> partitions = topic.partitions().stream()
                .filter(one -> partition == null || partition.intValue() == one.index())
                .map(one -> new DeleteRecordsPartition()
                        .setPartitionIndex(one.index())
                        .setOffset(before == null ? ALL : before.longValue()))
                .toList();
        DeleteRecordsRequestData request = new DeleteRecordsRequestData()
                .setTimeoutMs(TIMEOUT_MS)
                .setTopics(
                        List.of(new DeleteRecordsTopic().setName(topic.name()).setPartitions(partitions)));
        return apis.ask(ask.visitor(), 2, request, DeleteRecordsResponseData.class)
                .map(response -> {
                    response.topics().forEach(one -> one.partitions()
                            .forEach(result -> AdminException.check(result.errorCode(), null)));
                    return new JsonObject();
                });
    }
}
