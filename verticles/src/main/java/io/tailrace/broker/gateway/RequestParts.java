// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A request, taken apart by the nodes that can answer. What nobody in particular can answer goes to this node, which says so.
 *
 * @param byNode at least one; the requests are new ones but for a single one
 * @param allNodes whether each of them answers for itself, and the others are worth having without it
 */
record RequestParts(Map<Integer, ApiMessage> byNode, boolean allNodes) {

    static RequestParts of(ApiMessage request, ClusterImage image, int here) {
        ToIntFunction<String> coordinator = group -> coordinator(image, group, here);
        return switch (request) {
            case ConsumerGroupHeartbeatRequestData it -> whole(it, coordinator.applyAsInt(it.groupId()));
            case OffsetCommitRequestData it -> whole(it, coordinator.applyAsInt(it.groupId()));
            case OffsetDeleteRequestData it -> whole(it, coordinator.applyAsInt(it.groupId()));
            case OffsetFetchRequestData it ->
                split(
                        it,
                        here,
                        it.groups(),
                        group -> coordinator.applyAsInt(group.groupId()),
                        (part, groups) -> part.duplicate().setGroups(groups));
            case DescribeGroupsRequestData it ->
                split(it, here, it.groups(), coordinator, (part, groups) -> part.duplicate()
                        .setGroups(groups));
            case ConsumerGroupDescribeRequestData it ->
                split(it, here, it.groupIds(), coordinator, (part, groups) -> part.duplicate()
                        .setGroupIds(groups));
            case DeleteGroupsRequestData it ->
                split(it, here, it.groupsNames(), coordinator, (part, groups) -> part.duplicate()
                        .setGroupsNames(groups));
            case ListGroupsRequestData it -> everywhere(it, image, here);
            case ListOffsetsRequestData it -> offsets(it, image, here);
            case DeleteRecordsRequestData it -> records(it, image, here);
            case DescribeConfigsRequestData it ->
                split(
                        it,
                        here,
                        it.resources(),
                        resource -> owner(resource.resourceType(), resource.resourceName(), image, here),
                        (part, resources) -> part.duplicate().setResources(resources));
            case IncrementalAlterConfigsRequestData it ->
                whole(
                        it,
                        it.resources().stream()
                                .mapToInt(resource ->
                                        owner(resource.resourceType(), resource.resourceName(), image, here))
                                .findFirst()
                                .orElse(here));
            default -> whole(request, here);
        };
    }

    private static RequestParts whole(ApiMessage request, int node) {
        return new RequestParts(Map.of(node, request), false);
    }

    private static <Q extends ApiMessage, T> RequestParts split(
            Q request, int here, List<T> items, ToIntFunction<T> nodeOf, BiFunction<Q, List<T>, Q> with) {
        Map<Integer, List<T>> byNode = new TreeMap<>();
        items.forEach(item -> byNode.computeIfAbsent(nodeOf.applyAsInt(item), node -> new ArrayList<>())
                .add(item));
        Map<Integer, ApiMessage> parts = new TreeMap<>();
        byNode.forEach((node, some) -> parts.put(node, with.apply(request, some)));
        return parts.isEmpty() ? whole(request, here) : new RequestParts(parts, false);
    }

    private static RequestParts everywhere(ListGroupsRequestData request, ClusterImage image, int here) {
        Map<Integer, ApiMessage> parts = new TreeMap<>();
        parts.put(here, request);
        image.brokers().values().stream()
                .filter(broker -> !broker.fenced())
                .map(BrokerImage::id)
                .forEach(node -> parts.putIfAbsent(node, request.duplicate()));
        return new RequestParts(parts, true);
    }

    private static RequestParts offsets(ListOffsetsRequestData request, ClusterImage image, int here) {
        Map<Integer, Map<String, ListOffsetsRequestData.ListOffsetsTopic>> byNode = new TreeMap<>();
        request.topics().forEach(topic -> topic.partitions().forEach(partition -> byNode.computeIfAbsent(
                        leader(image, topic.name(), partition.partitionIndex(), here), node -> new TreeMap<>())
                .computeIfAbsent(topic.name(), name -> new ListOffsetsRequestData.ListOffsetsTopic().setName(name))
                .partitions()
                .add(partition)));
        return parts(request, here, byNode, topics -> request.duplicate().setTopics(topics));
    }

    private static RequestParts records(DeleteRecordsRequestData request, ClusterImage image, int here) {
        Map<Integer, Map<String, DeleteRecordsRequestData.DeleteRecordsTopic>> byNode = new TreeMap<>();
        request.topics().forEach(topic -> topic.partitions().forEach(partition -> byNode.computeIfAbsent(
                        leader(image, topic.name(), partition.partitionIndex(), here), node -> new TreeMap<>())
                .computeIfAbsent(topic.name(), name -> new DeleteRecordsRequestData.DeleteRecordsTopic().setName(name))
                .partitions()
                .add(partition)));
        return parts(request, here, byNode, topics -> request.duplicate().setTopics(topics));
    }

    private static <T> RequestParts parts(
            ApiMessage request, int here, Map<Integer, Map<String, T>> byNode, Function<List<T>, ApiMessage> with) {
        if (byNode.size() <= 1) {
            return whole(
                    request,
                    byNode.isEmpty() ? here : byNode.keySet().iterator().next());
        }
        Map<Integer, ApiMessage> parts = new TreeMap<>();
        byNode.forEach((node, topics) -> parts.put(node, with.apply(new ArrayList<>(topics.values()))));
        return new RequestParts(parts, false);
    }

    private static int coordinator(ClusterImage image, String group, int here) {
        return image.topic(Topic.GROUP_METADATA_TOPIC_NAME)
                .map(topic -> topic.partitions().isEmpty()
                        ? here
                        : leader(
                                image,
                                topic.name(),
                                GroupCoordinators.partitionOf(
                                        group, topic.partitions().size()),
                                here))
                .orElse(here);
    }

    private static int leader(ClusterImage image, String topic, int partition, int here) {
        int leader =
                image.partition(topic, partition).map(PartitionImage::leader).orElse(PartitionImage.NO_LEADER);
        return leader == PartitionImage.NO_LEADER ? here : leader;
    }

    /** Of the configuration of a node, or of its loggers, that node; of everything else any. */
    private static int owner(byte type, String name, ClusterImage image, int here) {
        boolean ofNode = type == ConfigResource.Type.BROKER.id() || type == ConfigResource.Type.BROKER_LOGGER.id();
        if (!ofNode || !name.matches("\\d{1,9}")) {
            return here;
        }
        BrokerImage broker = image.brokers().get(Integer.parseInt(name));
        return broker == null || broker.fenced() ? here : broker.id();
    }

    /** One answer of several to parts of one request; the first of them is changed. */
    static ApiMessage merged(List<ApiMessage> answers) {
        ApiMessage first = answers.get(0);
        for (ApiMessage other : answers.subList(1, answers.size())) {
            switch (first) {
                case OffsetFetchResponseData it ->
                    it.setGroups(joined(it.groups(), ((OffsetFetchResponseData) other).groups()));
                case DescribeGroupsResponseData it ->
                    it.setGroups(joined(it.groups(), ((DescribeGroupsResponseData) other).groups()));
                case ConsumerGroupDescribeResponseData it ->
                    it.setGroups(joined(it.groups(), ((ConsumerGroupDescribeResponseData) other).groups()));
                case DeleteGroupsResponseData it ->
                    ((DeleteGroupsResponseData) other).results().forEach(result -> it.results()
                            .add(result.duplicate()));
                case ListGroupsResponseData it -> {
                    ListGroupsResponseData more = (ListGroupsResponseData) other;
                    it.setGroups(joined(it.groups(), more.groups()));
                    it.setErrorCode(it.errorCode() == 0 ? more.errorCode() : it.errorCode());
                }
                case ListOffsetsResponseData it ->
                    it.setTopics(joined(it.topics(), ((ListOffsetsResponseData) other).topics()));
                case DeleteRecordsResponseData it ->
                    ((DeleteRecordsResponseData) other).topics().forEach(topic -> add(it, topic));
                case DescribeConfigsResponseData it ->
                    it.setResults(joined(it.results(), ((DescribeConfigsResponseData) other).results()));
                default -> throw new IllegalStateException("answers of " + first.getClass() + " are not put together");
            }
        }
        return first;
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private static void add(DeleteRecordsResponseData into, DeleteRecordsResponseData.DeleteRecordsTopicResult topic) {
        DeleteRecordsResponseData.DeleteRecordsTopicResult known = into.topics().find(topic.name());
        if (known == null) {
            into.topics().add(topic.duplicate());
        } else {
            topic.partitions().forEach(partition -> known.partitions().add(partition.duplicate()));
        }
    }
}
