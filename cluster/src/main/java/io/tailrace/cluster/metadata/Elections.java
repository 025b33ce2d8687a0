// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.LeadersElected;
import io.tailrace.cluster.metadata.ControllerReply.PartitionOutcome;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/** Decides ElectLeaders (KIP-460). */
final class Elections {

    private final TopicRules topicRules;

    Elections(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    ControllerReply decide(ElectLeaders request, Draft draft) {
        ClusterImage image = draft.image();
        List<PartitionOutcome> outcomes = new ArrayList<>();
        List<PartitionChanged> changes = new ArrayList<>();
        for (TopicPartition partition : request.partitions().orElseGet(() -> all(image))) {
            Outcome outcome = elect(partition, request.unclean(), image, changes);
            if (request.partitions().isPresent() || outcome.error() != Errors.ELECTION_NOT_NEEDED) {
                outcomes.add(new PartitionOutcome(partition, outcome));
            }
        }
        draft.emitEach(changes);
        return new LeadersElected(Outcome.ok(), outcomes);
    }

    private Outcome elect(TopicPartition named, boolean unclean, ClusterImage image, List<PartitionChanged> changes) {
        Optional<TopicImage> topic = image.topic(named.topic());
        Optional<PartitionImage> found = image.partition(named.topic(), named.partition());
        if (topic.isEmpty() || found.isEmpty()) {
            return Outcome.refused(Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no partition " + named + ".");
        }
        PartitionImage partition = found.get();
        Leadership.Rules rules = topicRules.of(topic.get(), image);
        boolean settled = unclean
                ? partition.leader() != PartitionImage.NO_LEADER
                : partition.leader() == partition.replicas().get(0);
        if (settled) {
            return Outcome.refused(Errors.ELECTION_NOT_NEEDED, "Node " + partition.leader() + " leads already.");
        }
        Optional<PartitionImage> elected =
                unclean ? Leadership.unclean(partition, rules) : Leadership.preferred(partition, rules);
        elected.ifPresent(
                changed -> changes.add(new PartitionChanged(topic.get().id(), changed)));
        if (elected.isPresent()) {
            return Outcome.ok();
        }
        return unclean
                ? Outcome.refused(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE, "No replica is there to lead.")
                : Outcome.refused(
                        Errors.PREFERRED_LEADER_NOT_AVAILABLE,
                        "The preferred leader, node " + partition.replicas().get(0) + ", is not there or not in sync.");
    }

    private static List<TopicPartition> all(ClusterImage image) {
        List<TopicPartition> all = new ArrayList<>();
        new TreeMap<>(image.topics()).values().forEach(topic -> topic.partitions()
                .forEach(partition -> all.add(new TopicPartition(topic.name(), partition.index()))));
        return all;
    }
}
