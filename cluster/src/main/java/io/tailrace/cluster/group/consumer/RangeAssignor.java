// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Gives each member a run of neighbouring partitions of each topic. Topics with the same subscribers and as many partitions are split alike,
 * so that one member gets the same numbers of all of them and can join what was partitioned alike.
 *
 * <p>Members are ordered by instance id, or member id for want of one: static members keep their ranges when they come back.
 */
final class RangeAssignor implements Assignor {

    private static final Comparator<Candidate> ORDER = Comparator.<Candidate, String>comparing(
                    member -> member.instanceId() == null ? member.memberId() : member.instanceId())
            .thenComparing(Candidate::memberId);

    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, NavigableSet<PartitionId>> assign(
            List<Candidate> members, NavigableMap<Uuid, Integer> partitionCounts) {
        Map<String, NavigableSet<PartitionId>> assignment = new TreeMap<>();
        members.forEach(member -> assignment.put(member.memberId(), new TreeSet<>()));
        List<Candidate> ordered = members.stream().sorted(ORDER).toList();
        partitionCounts.forEach((topic, count) -> {
            List<Candidate> subscribers = ordered.stream()
                    .filter(member -> member.topics().contains(topic))
                    .toList();
            for (int i = 0; i < subscribers.size(); i++) {
                NavigableSet<PartitionId> range = new TreeSet<>();
                // The first (count mod n) ranges are one longer.
                int from = start(i, count, subscribers.size());
                int to = start(i + 1, count, subscribers.size());
                for (int partition = from; partition < to; partition++) {
                    range.add(new PartitionId(topic, partition));
                }
                assignment
                        .computeIfAbsent(subscribers.get(i).memberId(), member -> new TreeSet<>())
                        .addAll(range);
            }
        });
        return assignment;
    }

    private static int start(int index, int count, int members) {
        return index * (count / members) + Math.min(index, count % members);
    }
}
