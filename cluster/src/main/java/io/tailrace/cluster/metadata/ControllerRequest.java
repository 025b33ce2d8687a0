// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * What the controller can be asked to do. Who may ask is settled before: authorisation is the API layer's.
 *
 * <p>Each kind is answered by the {@link ControllerReply} that its Javadoc names, or by {@link ControllerReply.Refused} if nothing of it was
 * looked at. Items of one request succeed or fail one by one.
 */
public sealed interface ControllerRequest {

    /** Answered by {@link ControllerReply.TopicsCreated}; duplicates in {@code topics} are refused one by one. */
    record CreateTopics(List<NewTopic> topics, boolean validateOnly) implements ControllerRequest {
        public CreateTopics {
            topics = List.copyOf(topics);
        }
    }

    /**
     * A topic to be.
     *
     * @param partitions how many, or -1 for {@code num.partitions}, or if {@code assignment} says it
     * @param replicationFactor or -1 for {@code default.replication.factor}, or if {@code assignment} says it
     * @param assignment replicas by partition number; empty to let the controller place them
     * @param configs overrides; a key without a value is refused
     */
    record NewTopic(
            String name,
            int partitions,
            int replicationFactor,
            SortedMap<Integer, List<Integer>> assignment,
            Map<String, Optional<String>> configs) {}

    /** Answered by {@link ControllerReply.TopicsDeleted}, in the same order. */
    record DeleteTopics(List<TopicRef> topics) implements ControllerRequest {
        public DeleteTopics {
            topics = List.copyOf(topics);
        }
    }

    /**
     * A topic by name or by id.
     *
     * @param id {@link Uuid#ZERO_UUID} if by name
     */
    record TopicRef(Optional<String> name, Uuid id) {
        public static TopicRef named(String name) {
            return new TopicRef(Optional.of(name), Uuid.ZERO_UUID);
        }

        public static TopicRef identified(Uuid id) {
            return new TopicRef(Optional.empty(), id);
        }
    }

    /** Answered by {@link ControllerReply.PartitionsCreated}. */
    record CreatePartitions(List<MorePartitions> topics, boolean validateOnly) implements ControllerRequest {
        public CreatePartitions {
            topics = List.copyOf(topics);
        }
    }

    /**
     * More partitions for a topic.
     *
     * @param totalCount how many there shall be afterwards
     * @param assignments replicas of each new partition; empty to let the controller place them
     */
    record MorePartitions(String topic, int totalCount, Optional<List<List<Integer>>> assignments) {}

    /**
     * Changes configuration; atomic for each target. Answered by {@link ControllerReply.ConfigsAltered}, in the same order.
     *
     * @param replace true for the old AlterConfigs: what is not set here is removed (every change is a SET then)
     */
    record AlterConfigs(List<ConfigAlteration> alterations, boolean replace, boolean validateOnly)
            implements ControllerRequest {
        public AlterConfigs {
            alterations = List.copyOf(alterations);
        }
    }

    record ConfigAlteration(ConfigTarget target, List<ConfigChange> changes) {}

    /** @param value empty only for {@link ConfigOperation#DELETE}, or where the client sent null, which is refused */
    record ConfigChange(ConfigOperation operation, String key, Optional<String> value) {}

    /** As IncrementalAlterConfigs (KIP-339) has them. */
    enum ConfigOperation {
        SET,
        DELETE,
        APPEND,
        SUBTRACT
    }

    /** Answered by {@link ControllerReply.FeaturesUpdated}; all or nothing (KIP-584, KIP-1022). */
    record UpdateFeatures(List<FeatureUpdate> updates, boolean validateOnly) implements ControllerRequest {
        public UpdateFeatures {
            updates = List.copyOf(updates);
        }
    }

    /** @param level 0 removes the feature, where that is possible */
    record FeatureUpdate(String feature, short level, Downgrade downgrade) {}

    /** Whether a feature level may fall. */
    enum Downgrade {
        NOT_ALLOWED,
        SAFE,
        UNSAFE
    }

    /** A block of producer ids nobody else gets. Answered by {@link ControllerReply.ProducerIdsAllocated}. */
    record AllocateProducerIds(int nodeId, long brokerEpoch) implements ControllerRequest {}

    /**
     * Answered by {@link ControllerReply.LeadersElected}.
     *
     * @param unclean whether a replica out of sync may lead if nobody else can; else the preferred leader is elected
     * @param partitions empty for all
     */
    record ElectLeaders(boolean unclean, Optional<List<TopicPartition>> partitions) implements ControllerRequest {}

    /** Answered by {@link ControllerReply.ReassignmentsAltered}. */
    record AlterReassignments(List<Reassignment> reassignments, boolean allowReplicationFactorChange)
            implements ControllerRequest {
        public AlterReassignments {
            reassignments = List.copyOf(reassignments);
        }
    }

    /** @param replicas the replicas there shall be; empty cancels the reassignment under way */
    record Reassignment(TopicPartition partition, Optional<List<Integer>> replicas) {}

    /**
     * Answered by {@link ControllerReply.Reassignments}.
     *
     * @param partitions empty for all
     */
    record ListReassignments(Optional<List<TopicPartition>> partitions) implements ControllerRequest {}

    /**
     * A node starts. Answered by {@link ControllerReply.BrokerRegistered}.
     *
     * @param incarnationId drawn anew by each start of the process
     * @param previousBrokerEpoch the broker epoch that the node had when it was last shut down cleanly; -1 if it was not, or is new. Unless it is
     *     what the node was last registered with, records may be missing from its disks, and its replicas lose what they were trusted with
     */
    record RegisterBroker(
            int nodeId,
            Uuid incarnationId,
            String clusterId,
            List<Endpoint> endpoints,
            Optional<String> rack,
            long previousBrokerEpoch)
            implements ControllerRequest {

        public RegisterBroker(
                int nodeId, Uuid incarnationId, String clusterId, List<Endpoint> endpoints, Optional<String> rack) {
            this(nodeId, incarnationId, clusterId, endpoints, rack, -1);
        }

        public RegisterBroker {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * A node is gone for good. Answered by {@link ControllerReply.Done}; INVALID_REQUEST for the controller's own node, which has to hand over
     * first.
     */
    record UnregisterBroker(int nodeId) implements ControllerRequest {}

    /** A node may not lead, or may again. Answered by {@link ControllerReply.Done}. */
    record FenceBroker(int nodeId, long brokerEpoch, boolean fenced) implements ControllerRequest {}

    /**
     * A sign of life of a node, sent every {@code broker.heartbeat.interval.ms}. Answered by {@link ControllerReply.HeartbeatTaken}.
     *
     * @param imageVersion of the newest image that the node has applied
     * @param wantFence whether the node asks to be, or stay, fenced; without it a fenced node that is caught up is unfenced
     * @param wantShutdown whether the node asks to be relieved of what it leads, so that it can stop
     */
    record BrokerHeartbeat(int nodeId, long brokerEpoch, long imageVersion, boolean wantFence, boolean wantShutdown)
            implements ControllerRequest {}

    /**
     * The leader of partitions wants their ISR to be another (KIP-497, KIP-903). Answered by {@link ControllerReply.PartitionsAltered}, in the
     * same order.
     *
     * @param nodeId the leader that asks
     */
    record AlterPartition(int nodeId, long brokerEpoch, List<IsrChange> changes) implements ControllerRequest {
        public AlterPartition {
            changes = List.copyOf(changes);
        }
    }

    /**
     * The ISR wanted for one partition.
     *
     * @param leaderEpoch the epoch that the asking node leads in
     * @param partitionEpoch of the image that {@code isr} was made from: compared and set
     * @param isr with the leader in it, without duplicates
     */
    record IsrChange(Uuid topicId, int partition, int leaderEpoch, int partitionEpoch, List<IsrMember> isr) {
        public IsrChange {
            isr = List.copyOf(isr);
        }
    }

    /**
     * Replicas of a node that cannot be relied on any more, though the node lives: their disk failed, or what it holds is rotten. Answered by
     * {@link ControllerReply.Done}. They leave ISR and ELR as after a crash; said again until the image shows it.
     */
    record ReportFailedReplicas(int nodeId, long brokerEpoch, List<FailedReplica> replicas)
            implements ControllerRequest {
        public ReportFailedReplicas {
            replicas = List.copyOf(replicas);
        }
    }

    /** @param readable whether the node can lead on until somebody else can: it reads and writes, but some of what it has is rotten */
    record FailedReplica(Uuid topicId, int partition, boolean readable) {}

    /** @param brokerEpoch of the node as the leader knows it from its fetches; -1 if it does not, then it is not compared */
    record IsrMember(int nodeId, long brokerEpoch) {}
}
