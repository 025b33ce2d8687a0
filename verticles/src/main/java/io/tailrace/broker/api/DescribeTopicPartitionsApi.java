// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeTopicPartitions (key 75, version 0; KIP-966): partitions with their eligible leader replicas, a page at a time.
 *
 * <p>Topics go by name. A page has at most as many partitions as the request wants and as {@code max.request.partition.size.limit} (2000)
 * allows, whichever is less, and ends with a cursor: the topic and partition where the next page begins. No topics asked for means all. Topics
 * that do not exist, or must not be known of, are told only when asked for by name; a page may end between two topics.
 */
public final class DescribeTopicPartitionsApi implements KafkaApi<DescribeTopicPartitionsRequestData> {

    /** Kafka's default of {@code max.request.partition.size.limit}: keeps one answer well below a megabyte. */
    static final int PARTITIONS_PER_PAGE_MAX = 2000;

    private final MetadataView metadata;
    private final Authorizer authorizer;

    public DescribeTopicPartitionsApi(MetadataView metadata, Authorizer authorizer) {
        this.metadata = metadata;
        this.authorizer = authorizer;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public Future<DescribeTopicPartitionsResponseData> handle(
            RequestContext context, DescribeTopicPartitionsRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        ClusterImage image = metadata.image();
        NavigableSet<String> names = names(request, image, sender);
        if (request.cursor() != null && request.cursor().partitionIndex() < 0) {
            return Future.succeededFuture(refused(names));
        }
        int limit = Math.max(1, Math.min(PARTITIONS_PER_PAGE_MAX, request.responsePartitionLimit()));
        return Future.succeededFuture(page(request, names, limit, new Reachable(image, context), sender));
    }

    private static NavigableSet<String> names(
            DescribeTopicPartitionsRequestData request, ClusterImage image, Permissions sender) {
        NavigableSet<String> names = new TreeSet<>();
        if (request.topics().isEmpty()) {
            image.topics().keySet().stream()
                    .filter(name -> sender.onTopic(AclOperation.DESCRIBE, name))
                    .forEach(names::add);
        } else {
            request.topics().stream().map(TopicRequest::name).forEach(names::add);
        }
        return request.cursor() == null ? names : names.tailSet(request.cursor().topicName(), true);
    }

    private static DescribeTopicPartitionsResponseData page(
            DescribeTopicPartitionsRequestData request,
            NavigableSet<String> names,
            int limit,
            Reachable reachable,
            Permissions sender) {
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        int left = limit;
        for (String name : names) {
            if (left == 0) {
                return response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
            }
            DescribeTopicPartitionsResponseTopic topic = topic(name, reachable.image(), sender);
            response.topics().add(topic);
            if (topic.errorCode() == Errors.NONE.code()) {
                TopicImage found = reachable.image().topic(name).orElseThrow();
                int from = firstPartition(request, name);
                int to = (int) Math.min(found.partitions().size(), (long) from + left);
                for (int index = from; index < to; index++) {
                    topic.partitions()
                            .add(partition(reachable, found.partitions().get(index)));
                }
                left -= Math.max(0, to - from);
                if (to < found.partitions().size()) {
                    return response.setNextCursor(
                            new Cursor().setTopicName(name).setPartitionIndex(to));
                }
            }
        }
        return response;
    }

    private static int firstPartition(DescribeTopicPartitionsRequestData request, String name) {
        return request.cursor() != null && request.cursor().topicName().equals(name)
                ? request.cursor().partitionIndex()
                : 0;
    }

    private static DescribeTopicPartitionsResponseTopic topic(String name, ClusterImage image, Permissions sender) {
        DescribeTopicPartitionsResponseTopic topic =
                new DescribeTopicPartitionsResponseTopic().setName(name).setTopicId(Uuid.ZERO_UUID);
        if (!sender.onTopic(AclOperation.DESCRIBE, name)) {
            return topic.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        return image.topic(name)
                .map(found -> topic.setTopicId(found.id())
                        .setIsInternal(Topic.isInternal(name))
                        .setTopicAuthorizedOperations(sender.topicOperations(name)))
                .orElseGet(() -> topic.setErrorCode(missing(name).code()).setIsInternal(Topic.isInternal(name)));
    }

    private static Errors missing(String name) {
        try {
            Topic.validate(name);
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        } catch (InvalidTopicException e) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
    }

    private static DescribeTopicPartitionsResponsePartition partition(Reachable reachable, PartitionImage partition) {
        Errors error = reachable.leaderError(partition);
        return new DescribeTopicPartitionsResponsePartition()
                .setErrorCode(error.code())
                .setPartitionIndex(partition.index())
                .setLeaderId(error == Errors.NONE ? partition.leader() : PartitionImage.NO_LEADER)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(partition.replicas())
                .setIsrNodes(partition.isr())
                .setEligibleLeaderReplicas(partition.elr())
                .setLastKnownElr(partition.lastKnownElr())
                .setOfflineReplicas(reachable.offline(partition));
    }

    /** The response has no error of its own: each topic asked for carries it. */
    private static DescribeTopicPartitionsResponseData refused(NavigableSet<String> names) {
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        for (String name : names) {
            response.topics()
                    .add(new DescribeTopicPartitionsResponseTopic()
                            .setName(name)
                            .setErrorCode(Errors.INVALID_REQUEST.code()));
        }
        return response;
    }
}
