// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * Chooses the nodes of new partitions. Pure: the same nodes, topic and partitions give the same choice.
 *
 * <p>The usable nodes are laid out in a ring in which neighbours are in different racks, as far as the racks allow: one of each rack, then
 * the next of each. Partition p is led by place {@code start + p} of the ring, so leaders are spread evenly; its followers stand at a
 * distance that grows by one each time round, so the followers of a node's partitions are spread too, and the loss of a node loads all others
 * alike. A follower in a rack that the partition is in already is passed over while there is a rack that it is not in. {@code start} comes
 * from the topic's id: small topics do not pile up on the first node.
 *
 * <p>Nodes that are fenced or leaving are used last, and never lead. How full a node is is not looked at.
 */
final class Placement {

    private final List<BrokerImage> ring;
    private final List<BrokerImage> fenced;
    private final int start;

    private Placement(List<BrokerImage> ring, List<BrokerImage> fenced, int start) {
        this.ring = ring;
        this.fenced = fenced;
        this.start = start;
    }

    static Placement among(Iterable<BrokerImage> brokers, Uuid topicId) {
        List<BrokerImage> usable = new ArrayList<>();
        List<BrokerImage> fenced = new ArrayList<>();
        brokers.forEach(broker -> (broker.active() ? usable : fenced).add(broker));
        fenced.sort(Comparator.comparingInt(BrokerImage::id));
        long bits = topicId.getMostSignificantBits() ^ topicId.getLeastSignificantBits();
        int start = usable.isEmpty() ? 0 : (int) Long.remainderUnsigned(bits ^ (bits >>> 32), usable.size());
        return new Placement(interleaved(usable), fenced, start);
    }

    /** How many nodes there are to place on. */
    int nodeCount() {
        return ring.size() + fenced.size();
    }

    /** Whether any node may lead. */
    boolean hasLeaders() {
        return !ring.isEmpty();
    }

    /**
     * The replicas of one partition, the leader first.
     *
     * @param replicationFactor at most {@link #nodeCount}, with {@link #hasLeaders}
     */
    List<Integer> replicas(int partition, int replicationFactor) {
        int nodes = ring.size();
        int leader = (int) ((start + (long) partition) % nodes);
        int shift = nodes > 1 ? (partition / nodes) % (nodes - 1) : 0;
        List<BrokerImage> candidates = new ArrayList<>(nodeCount());
        candidates.add(ring.get(leader));
        for (int i = 0; i < nodes - 1; i++) {
            candidates.add(ring.get((leader + 1 + (shift + i) % (nodes - 1)) % nodes));
        }
        candidates.addAll(fenced);
        return replicationFactor == 1 ? List.of(candidates.get(0).id()) : spread(candidates, replicationFactor);
    }

    private static List<Integer> spread(List<BrokerImage> candidates, int count) {
        List<BrokerImage> chosen = new ArrayList<>(count);
        List<String> racks = new ArrayList<>(count);
        for (BrokerImage candidate : candidates) {
            if (chosen.size() < count && !racks.contains(rack(candidate))) {
                chosen.add(candidate);
                racks.add(rack(candidate));
            }
        }
        for (BrokerImage candidate : candidates) {
            if (chosen.size() < count && !chosen.contains(candidate)) {
                chosen.add(candidate);
            }
        }
        return chosen.stream().map(BrokerImage::id).toList();
    }

    /** A node that does not say where it is counts as being with all others that do not say. */
    private static String rack(BrokerImage broker) {
        return broker.rack().orElse("");
    }

    private static List<BrokerImage> interleaved(List<BrokerImage> brokers) {
        Map<String, List<BrokerImage>> byRack = new TreeMap<>();
        brokers.stream().sorted(Comparator.comparingInt(BrokerImage::id)).forEach(it -> byRack.computeIfAbsent(
                        rack(it), any -> new ArrayList<>())
                .add(it));
        Map<Integer, List<BrokerImage>> rounds = new LinkedHashMap<>();
        byRack.values().forEach(inRack -> {
            for (int i = 0; i < inRack.size(); i++) {
                rounds.computeIfAbsent(i, any -> new ArrayList<>()).add(inRack.get(i));
            }
        });
        return new TreeMap<>(rounds).values().stream().flatMap(List::stream).toList();
    }
}
