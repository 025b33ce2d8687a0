// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.CreatedTopic;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.MetadataRecord.TopicCreated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;

/** Decides CreateTopics. */
final class TopicCreation {

    /** Replicas that one request may create: far above what is asked for in earnest, low enough to be decided within a second. */
    static final int REPLICAS_PER_REQUEST_MAX = 250_000;

    private final ControllerConfig config;
    private final ConfigPolicy policy;
    private final TopicNames names;

    TopicCreation(ControllerConfig config, ConfigPolicy policy, TopicNames names) {
        this.config = config;
        this.policy = policy;
        this.names = names;
    }

    ControllerReply decide(CreateTopics request, TopicIds ids, Draft draft) {
        Set<String> duplicates = duplicates(request.topics());
        List<CreatedTopic> results = new ArrayList<>(request.topics().size());
        int replicas = 0;
        for (NewTopic topic : request.topics()) {
            CreatedTopic result = duplicates.contains(topic.name())
                    ? refused(topic, Errors.INVALID_REQUEST, "The topic is named more than once in the request.")
                    : create(topic, ids, REPLICAS_PER_REQUEST_MAX - replicas, draft);
            if (result.outcome().isOk()) {
                replicas += result.partitions() * result.replicationFactor();
                names.add(topic.name());
            }
            results.add(result);
        }
        if (!request.validateOnly()) {
            return new TopicsCreated(results);
        }
        results.stream().filter(it -> it.outcome().isOk()).forEach(it -> names.remove(it.name()));
        return new TopicsCreated(results.stream().map(TopicCreation::withoutId).toList());
    }

    private CreatedTopic create(NewTopic topic, TopicIds ids, int replicasLeft, Draft draft) {
        Optional<Outcome> defect = nameDefect(topic.name(), draft.image()).or(() -> numbersDefect(topic));
        if (defect.isPresent()) {
            return CreatedTopic.refused(topic.name(), defect.get());
        }
        Map<String, String> configs = new TreeMap<>();
        for (var entry : topic.configs().entrySet()) {
            if (entry.getValue().isEmpty()) {
                return refused(topic, Errors.INVALID_CONFIG, "No value was given for " + entry.getKey() + ".");
            }
            configs.put(entry.getKey(), entry.getValue().get());
        }
        Outcome allowed = policy.check(ConfigTarget.topic(topic.name()), configs);
        if (!allowed.isOk()) {
            return CreatedTopic.refused(topic.name(), allowed);
        }
        Uuid id = ids.next();
        while (draft.image().topicNames().containsKey(id)) {
            id = ids.next();
        }
        Assignment assignment = topic.assignment().isEmpty()
                ? placed(topic, id, replicasLeft, draft.image())
                : chosen(topic, draft.image());
        if (!assignment.outcome.isOk()) {
            return CreatedTopic.refused(topic.name(), assignment.outcome);
        }
        Outcome written = draft.emit(new TopicCreated(topic.name(), id, assignment.partitions, configs));
        return written.isOk()
                ? new CreatedTopic(
                        topic.name(),
                        written,
                        id,
                        assignment.partitions.size(),
                        assignment.partitions.get(0).replicas().size(),
                        configs)
                : CreatedTopic.refused(topic.name(), written);
    }

    private Optional<Outcome> nameDefect(String name, ClusterImage image) {
        Optional<String> defect = TopicNames.defect(name);
        if (defect.isPresent()) {
            return Optional.of(Outcome.refused(Errors.INVALID_TOPIC_EXCEPTION, defect.get()));
        }
        if (name.equals(Topic.CLUSTER_METADATA_TOPIC_NAME)) {
            return Optional.of(
                    Outcome.refused(Errors.INVALID_REQUEST, name + " is the cluster's own; it cannot be created."));
        }
        if (image.topics().containsKey(name)) {
            return Optional.of(Outcome.refused(Errors.TOPIC_ALREADY_EXISTS, "Topic '" + name + "' already exists."));
        }
        return names.collision(name)
                .map(other -> Outcome.refused(
                        Errors.INVALID_TOPIC_EXCEPTION,
                        "Topic '" + name + "' collides with topic '" + other
                                + "': names that differ only in '.' and '_' share their metrics."));
    }

    private static Optional<Outcome> numbersDefect(NewTopic topic) {
        boolean manual = !topic.assignment().isEmpty();
        if (manual && (topic.partitions() != -1 || topic.replicationFactor() != -1)) {
            return Optional.of(Outcome.refused(
                    Errors.INVALID_REQUEST,
                    "Replicas were assigned by hand, so partition count and replication factor must both be -1."));
        }
        if (topic.replicationFactor() == 0 || topic.replicationFactor() < -1) {
            return Optional.of(Outcome.refused(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "The replication factor must be 1 or more, or -1 for the default; it is "
                            + topic.replicationFactor() + "."));
        }
        if (topic.partitions() == 0 || topic.partitions() < -1) {
            return Optional.of(Outcome.refused(
                    Errors.INVALID_PARTITIONS,
                    "The number of partitions must be 1 or more, or -1 for the default; it is " + topic.partitions()
                            + "."));
        }
        return Optional.empty();
    }

    private Assignment placed(NewTopic topic, Uuid id, int replicasLeft, ClusterImage image) {
        int count = topic.partitions() == -1 ? config.topics().partitions() : topic.partitions();
        int factor = topic.replicationFactor() == -1 ? config.topics().replicationFactor() : topic.replicationFactor();
        if ((long) count * factor > replicasLeft) {
            return Assignment.refused(tooMany());
        }
        return place(image, id, 0, count, factor);
    }

    /** Partitions {@code [first, first + count)}, placed by the controller. */
    static Assignment place(ClusterImage image, Uuid topicId, int first, int count, int factor) {
        Placement placement = Placement.among(image.brokers().values(), topicId);
        if (factor > placement.nodeCount()) {
            return Assignment.refused(Outcome.refused(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "Replication factor " + factor + " needs as many nodes; " + placement.nodeCount()
                            + " are registered."));
        }
        if (!placement.hasLeaders()) {
            return Assignment.refused(Outcome.refused(
                    Errors.INVALID_REPLICATION_FACTOR, "All registered nodes are fenced; none could lead."));
        }
        List<PartitionImage> partitions = new ArrayList<>(count);
        for (int index = first; index < first + count; index++) {
            partitions.add(created(index, placement.replicas(index, factor), image));
        }
        return new Assignment(Outcome.ok(), partitions);
    }

    private static Assignment chosen(NewTopic topic, ClusterImage image) {
        List<List<Integer>> lists = new ArrayList<>(topic.assignment().size());
        for (var entry : topic.assignment().entrySet()) {
            if (entry.getKey() != lists.size()) {
                return Assignment.refused(Outcome.refused(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "Assigned partitions must be numbered from 0 without a gap; " + lists.size() + " is missing."));
            }
            lists.add(entry.getValue());
        }
        return choose(image, 0, lists, lists.get(0).size());
    }

    /** Partitions numbered from {@code first}, on the nodes that were asked for. */
    static Assignment choose(ClusterImage image, int first, List<List<Integer>> lists, int factor) {
        List<PartitionImage> partitions = new ArrayList<>(lists.size());
        for (List<Integer> replicas : lists) {
            Optional<Outcome> defect = ManualAssignment.defect(replicas, Optional.of(factor), image.brokers());
            if (defect.isPresent()) {
                return Assignment.refused(defect.get());
            }
            PartitionImage partition = created(first + partitions.size(), replicas, image);
            if (partition.leader() == PartitionImage.NO_LEADER) {
                return Assignment.refused(Outcome.refused(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "All nodes assigned to partition " + partition.index() + " are fenced; none could lead."));
            }
            partitions.add(partition);
        }
        return new Assignment(Outcome.ok(), partitions);
    }

    /** In sync are those that are there; the first of them leads. */
    private static PartitionImage created(int index, List<Integer> replicas, ClusterImage image) {
        List<Integer> present = replicas.stream()
                .filter(node -> BrokerChanges.isActive(node, image))
                .toList();
        PartitionImage ideal = PartitionImage.created(index, replicas);
        return present.size() == replicas.size()
                ? ideal
                : ideal.withIsr(present).withLeader(present.isEmpty() ? PartitionImage.NO_LEADER : present.get(0));
    }

    static Outcome tooMany() {
        return Outcome.refused(
                Errors.POLICY_VIOLATION,
                "More than " + REPLICAS_PER_REQUEST_MAX + " replicas in one request; split it.");
    }

    private static Set<String> duplicates(List<NewTopic> topics) {
        Map<String, Integer> counts = new HashMap<>();
        topics.forEach(topic -> counts.merge(topic.name(), 1, Integer::sum));
        Set<String> duplicates = new HashSet<>(counts.keySet());
        duplicates.removeIf(name -> counts.getOrDefault(name, 0) < 2);
        return duplicates;
    }

    private static CreatedTopic refused(NewTopic topic, Errors error, String message) {
        return CreatedTopic.refused(topic.name(), Outcome.refused(error, message));
    }

    private static CreatedTopic withoutId(CreatedTopic it) {
        return new CreatedTopic(
                it.name(), it.outcome(), Uuid.ZERO_UUID, it.partitions(), it.replicationFactor(), it.configs());
    }

    /** Partitions, or why there are none. */
    record Assignment(Outcome outcome, List<PartitionImage> partitions) {
        static Assignment refused(Outcome outcome) {
            return new Assignment(outcome, List.of());
        }
    }
}
