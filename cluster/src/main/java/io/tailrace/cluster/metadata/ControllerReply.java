// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * What the controller answers. A reply that says that something changed was sent after the change was committed to the metadata log.
 */
public sealed interface ControllerReply {

    /**
     * Nothing of the request was done, or (REQUEST_TIMED_OUT) nobody knows yet whether it was.
     *
     * @param outcome NOT_CONTROLLER, REQUEST_TIMED_OUT, THROTTLING_QUOTA_EXCEEDED, STALE_BROKER_EPOCH, UNKNOWN_SERVER_ERROR, ...
     */
    record Refused(Outcome outcome) implements ControllerReply {}

    record TopicsCreated(List<CreatedTopic> topics) implements ControllerReply {}

    /**
     * One topic of CreateTopics, in the order of the request.
     *
     * @param id zero if refused, or only validated
     * @param partitions -1 if refused; likewise {@code replicationFactor}
     * @param configs the overrides it has
     */
    record CreatedTopic(
            String name, Outcome outcome, Uuid id, int partitions, int replicationFactor, Map<String, String> configs) {
        static CreatedTopic refused(String name, Outcome outcome) {
            return new CreatedTopic(name, outcome, Uuid.ZERO_UUID, -1, -1, Map.of());
        }
    }

    record TopicsDeleted(List<DeletedTopic> topics) implements ControllerReply {}

    /** @param name empty if the id is unknown */
    record DeletedTopic(Optional<String> name, Uuid id, Outcome outcome) {}

    record PartitionsCreated(List<TopicOutcome> topics) implements ControllerReply {}

    record TopicOutcome(String topic, Outcome outcome) {}

    record ConfigsAltered(List<ConfigOutcome> targets) implements ControllerReply {}

    record ConfigOutcome(ConfigTarget target, Outcome outcome) {}

    /** @param outcome not ok: nothing was changed, and {@code features} says why, as far as a feature is to blame */
    record FeaturesUpdated(Outcome outcome, List<FeatureOutcome> features) implements ControllerReply {}

    record FeatureOutcome(String feature, Outcome outcome) {}

    /** The ids {@code [first, first + count)}; meaningless if not ok. */
    record ProducerIdsAllocated(Outcome outcome, long first, int count) implements ControllerReply {}

    /** For a request that named no partition: only those where an election was needed, as Kafka does. */
    record LeadersElected(Outcome outcome, List<PartitionOutcome> partitions) implements ControllerReply {}

    record PartitionOutcome(TopicPartition partition, Outcome outcome) {}

    record ReassignmentsAltered(Outcome outcome, List<PartitionOutcome> partitions) implements ControllerReply {}

    record Reassignments(Outcome outcome, List<OngoingReassignment> ongoing) implements ControllerReply {}

    record OngoingReassignment(
            TopicPartition partition, List<Integer> replicas, List<Integer> adding, List<Integer> removing) {}

    /** @param brokerEpoch what this start of the node must carry in every command; -1 if refused */
    record BrokerRegistered(Outcome outcome, long brokerEpoch) implements ControllerReply {}

    /** Done, or why not. */
    record Done(Outcome outcome) implements ControllerReply {}

    /**
     * What a node is told at its heartbeat; only {@code outcome} counts if that is not ok. STALE_BROKER_EPOCH: another registration has taken the
     * place of the one that the node speaks of. BROKER_ID_NOT_REGISTERED: the node was unregistered, and is to stop.
     *
     * @param caughtUp whether the node has applied its own registration
     * @param fenced whether the node is fenced now
     * @param shouldShutDown whether the node may stop: nothing that another node could lead is led by it, and all others know
     */
    record HeartbeatTaken(Outcome outcome, boolean caughtUp, boolean fenced, boolean shouldShutDown)
            implements ControllerReply {}

    /** @param outcome not ok (STALE_BROKER_EPOCH): no partition was looked at */
    record PartitionsAltered(Outcome outcome, List<AlteredPartition> partitions) implements ControllerReply {}

    /**
     * How the change of one ISR went.
     *
     * @param outcome FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION (somebody else changed the partition first), INELIGIBLE_REPLICA (a member of the
     *     ISR is fenced, leaving, or was started anew), NEW_LEADER_ELECTED (done, and the asking node leads no more), UNKNOWN_TOPIC_ID,
     *     UNKNOWN_TOPIC_OR_PARTITION, NOT_CONTROLLER (the asking node knows more than this one), INVALID_REQUEST
     * @param now the partition after the request, refused or not; empty if it is not known
     */
    record AlteredPartition(Uuid topicId, int partition, Outcome outcome, Optional<PartitionImage> now) {}
}
