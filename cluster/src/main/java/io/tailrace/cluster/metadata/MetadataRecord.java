// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * One fact of the metadata log. Facts are applied in log order to a {@link ClusterImage} and to nothing else; what a fact says was decided
 * by the controller before it was written, so that applying decides nothing and draws nothing at random.
 *
 * <p>The bytes are the record codec's. Kinds to come (access control lists, SCRAM credentials, quotas, delegation tokens) get new
 * type codes; a kind that an older program does not know stops it.
 */
public sealed interface MetadataRecord {

    /** The first record of every log: to which cluster it belongs. */
    record ClusterFormed(String clusterId) implements MetadataRecord {}

    /**
     * A node has started, and may not lead before {@link BrokerFencingChanged} lets it, unless {@code fenced} is false.
     *
     * @param brokerEpoch the version of the image that this record makes
     * @param incarnationId drawn by the process that registered
     */
    record BrokerRegistered(
            int nodeId,
            long brokerEpoch,
            Uuid incarnationId,
            List<Endpoint> endpoints,
            Optional<String> rack,
            boolean fenced)
            implements MetadataRecord {
        public BrokerRegistered {
            endpoints = List.copyOf(endpoints);
        }
    }

    record BrokerUnregistered(int nodeId, long brokerEpoch) implements MetadataRecord {}

    record BrokerFencingChanged(int nodeId, long brokerEpoch, boolean fenced) implements MetadataRecord {}

    /** The node is shutting down: it stays what it is to clients, and is given nothing more to lead. Ends with its next registration. */
    record BrokerLeaving(int nodeId, long brokerEpoch) implements MetadataRecord {}

    /** A topic with all its partitions and overrides, in one record so that it can never be half there. */
    record TopicCreated(String name, Uuid id, List<PartitionImage> partitions, Map<String, String> configs)
            implements MetadataRecord {
        public TopicCreated {
            partitions = List.copyOf(partitions);
            configs = Map.copyOf(configs);
        }
    }

    record TopicDeleted(Uuid id) implements MetadataRecord {}

    /** @param partitions numbered on from the last one the topic had */
    record PartitionsAdded(Uuid topicId, List<PartitionImage> partitions) implements MetadataRecord {
        public PartitionsAdded {
            partitions = List.copyOf(partitions);
        }
    }

    /** The partition is now this, whole. */
    record PartitionChanged(Uuid topicId, PartitionImage partition) implements MetadataRecord {}

    /** Overrides of one target: {@code set} then {@code removed}. */
    record ConfigChanged(ConfigTarget target, Map<String, String> set, List<String> removed) implements MetadataRecord {
        public ConfigChanged {
            set = Map.copyOf(set);
            removed = List.copyOf(removed);
        }
    }

    /** @param level 0: the feature is off */
    record FeatureChanged(String feature, short level) implements MetadataRecord {}

    /** @param nextProducerId the lowest producer id that nobody was given */
    record ProducerIdsAllocated(int nodeId, long brokerEpoch, long nextProducerId) implements MetadataRecord {}
}
