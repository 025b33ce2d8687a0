// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** What becomes of all partitions when a node comes or goes, and when leadership is put in order. */
final class NodeMoves {

    /** So many partitions are put in order at once, as with Kafka: the rest in the next round. */
    static final int REBALANCED_AT_ONCE = 1_000;

    private final TopicRules topicRules;

    NodeMoves(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    /** @param crashed whether the node's disks may lack what it had confirmed */
    void departed(int node, boolean crashed, Draft draft) {
        change(draft, Integer.MAX_VALUE, (partition, rules) -> Leadership.without(partition, node, crashed, rules));
    }

    /** Some node is active again, or may be elected by new rules. */
    void arrived(Draft draft) {
        change(draft, Integer.MAX_VALUE, Leadership::with);
    }

    /** The rules of trust have changed: an ELR that the ISR is now large enough without must go, before anything is committed without it. */
    void rulesChanged(Draft draft) {
        change(
                draft,
                Integer.MAX_VALUE,
                (partition, rules) ->
                        partition.elr().isEmpty() ? Optional.empty() : Leadership.reconsidered(partition, rules));
    }

    /** Preferred replicas lead again, as far as they can. */
    void rebalance(Draft draft) {
        change(draft, REBALANCED_AT_ONCE, (partition, rules) -> switch (partition.leader()) {
            case PartitionImage.NO_LEADER -> Leadership.with(partition, rules);
            default ->
                partition.leader() == partition.replicas().get(0)
                        ? Optional.empty()
                        : Leadership.preferred(partition, rules);
        });
    }

    private void change(
            Draft draft, int most, BiFunction<PartitionImage, Leadership.Rules, Optional<PartitionImage>> change) {
        ClusterImage image = draft.image();
        List<PartitionChanged> changes = new ArrayList<>();
        for (TopicImage topic : new TreeMap<>(image.topics()).values()) {
            Leadership.Rules rules = topicRules.of(topic, image);
            for (PartitionImage partition : topic.partitions()) {
                if (changes.size() < most) {
                    change.apply(partition, rules)
                            .ifPresent(changed -> changes.add(new PartitionChanged(topic.id(), changed)));
                }
            }
        }
        draft.emitEach(changes);
    }
}
