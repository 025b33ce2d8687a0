// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class PlacementTest {

    private static List<BrokerImage> nodes(int count, int racks, int fenced) {
        List<BrokerImage> nodes = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            Optional<String> rack = racks == 0 ? Optional.empty() : Optional.of("r" + id % racks);
            nodes.add(new BrokerImage(id, 1, Uuid.ZERO_UUID, List.of(), rack, id < fenced, false));
        }
        return nodes;
    }

    @Test
    void keepsEveryPromiseForAllSmallClusters() {
        for (int count = 1; count <= 7; count++) {
            for (int racks = 0; racks <= count; racks++) {
                for (int fenced = 0; fenced < count; fenced++) {
                    for (int factor = 1; factor <= count; factor++) {
                        for (int seed = 0; seed < 3; seed++) {
                            check(nodes(count, racks, fenced), racks, fenced, factor, new Uuid(seed * 31L, seed));
                        }
                    }
                }
            }
        }
    }

    private static void check(List<BrokerImage> nodes, int racks, int fenced, int factor, Uuid topic) {
        String given = nodes.size() + " nodes, " + racks + " racks, " + fenced + " fenced, factor " + factor;
        Placement placement = Placement.among(nodes, topic);
        int usable = nodes.size() - fenced;
        int partitions = 4 * usable;
        Map<Integer, Integer> leaders = new HashMap<>();
        Set<String> usableRacks = new HashSet<>();
        nodes.stream()
                .filter(it -> !it.fenced())
                .forEach(it -> usableRacks.add(it.rack().orElse("")));
        for (int p = 0; p < partitions; p++) {
            List<Integer> replicas = placement.replicas(p, factor);
            assertThat(replicas).as(given).hasSize(factor).doesNotHaveDuplicates();
            assertThat(nodes.get(replicas.get(0)).fenced()).as(given).isFalse();
            leaders.merge(replicas.get(0), 1, Integer::sum);
            if (fenced == 0) {
                long spread = replicas.stream()
                        .map(id -> nodes.get(id).rack().orElse(""))
                        .distinct()
                        .count();
                assertThat(spread).as(given).isEqualTo(Math.min(factor, usableRacks.size()));
            }
        }
        assertThat(leaders).as(given).hasSize(usable);
        assertThat(leaders.values()).as(given).allMatch(it -> it == 4);
        assertThat(Placement.among(nodes, topic).replicas(1, factor)).isEqualTo(placement.replicas(1, factor));
    }

    @Test
    void startsDifferentTopicsOnDifferentNodes() {
        TopicIds ids = new TopicIds(new TopicIds.Seed(1, 2));
        Set<Integer> first = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            first.add(Placement.among(nodes(5, 0, 0), ids.next()).replicas(0, 1).get(0));
        }
        assertThat(first).hasSize(5);
    }

    @Test
    void spreadsTheFollowersOfOneLeaderOverAllOthers() {
        Placement placement = Placement.among(nodes(5, 0, 0), Uuid.ZERO_UUID);
        Map<Integer, Set<Integer>> followers = new HashMap<>();
        for (int p = 0; p < 20; p++) {
            List<Integer> replicas = placement.replicas(p, 2);
            followers.computeIfAbsent(replicas.get(0), any -> new HashSet<>()).add(replicas.get(1));
        }
        assertThat(followers.values()).allMatch(it -> it.size() == 4);
    }
}
