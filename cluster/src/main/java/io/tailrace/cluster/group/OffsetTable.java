// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.JournaledMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The committed offsets of all groups in one partition, and those that open transactions have staged.
 *
 * <p>A staged offset is not seen by anybody until the transaction's marker commits it; until then a reader that asks for stable offsets is
 * told to wait. Offsets of transactions that end together are taken over in the order in which they were staged.
 */
public final class OffsetTable {

    private record Staged(long producerId, String groupId, TopicPartition partition) {}

    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition);

    private final Journal journal;
    private final JournaledMap<String, JournaledMap<TopicPartition, CommittedOffset>> committed;
    private final JournaledMap<Long, JournaledMap<Staged, CommittedOffset>> staged;

    OffsetTable(Journal journal) {
        this.journal = journal;
        this.committed = new JournaledMap<>(journal);
        this.staged = new JournaledMap<>(journal);
    }

    /** Takes in one offset; {@code offset} null removes it. */
    void apply(String groupId, TopicPartition partition, @Nullable CommittedOffset offset, long producerId) {
        if (offset == null) {
            remove(groupId, partition);
        } else if (producerId == Batch.NO_PRODUCER_ID) {
            put(groupId, partition, offset);
        } else {
            JournaledMap<Staged, CommittedOffset> mine = staged.get(producerId);
            if (mine == null) {
                mine = new JournaledMap<>(journal);
                staged.put(producerId, mine);
            }
            mine.put(new Staged(producerId, groupId, partition), offset);
        }
    }

    private void put(String groupId, TopicPartition partition, CommittedOffset offset) {
        JournaledMap<TopicPartition, CommittedOffset> offsets = committed.get(groupId);
        if (offsets == null) {
            offsets = new JournaledMap<>(journal);
            committed.put(groupId, offsets);
        }
        offsets.put(partition, offset);
    }

    /** A deletion by an administrator reaches staged offsets too, as in Kafka. */
    private void remove(String groupId, TopicPartition partition) {
        JournaledMap<TopicPartition, CommittedOffset> offsets = committed.get(groupId);
        if (offsets != null) {
            offsets.remove(partition);
            if (offsets.isEmpty()) {
                committed.remove(groupId);
            }
        }
        for (Long producerId : List.copyOf(staged.keys())) {
            JournaledMap<Staged, CommittedOffset> mine = staged.get(producerId);
            if (mine != null) {
                mine.remove(new Staged(producerId, groupId, partition));
                if (mine.isEmpty()) {
                    staged.remove(producerId);
                }
            }
        }
    }

    /** The groups that the transaction touched, taken over or dropped. */
    List<String> applyMarker(long producerId, boolean commit) {
        JournaledMap<Staged, CommittedOffset> mine = staged.remove(producerId);
        if (mine == null || !commit) {
            return List.of();
        }
        List<String> groups = new ArrayList<>();
        mine.asMap().forEach((key, offset) -> {
            put(key.groupId(), key.partition(), offset);
            groups.add(key.groupId());
        });
        return groups;
    }

    /** What the group has committed in this partition; null if nothing. */
    public @Nullable CommittedOffset get(String groupId, TopicPartition partition) {
        JournaledMap<TopicPartition, CommittedOffset> offsets = committed.get(groupId);
        return offsets == null ? null : offsets.get(partition);
    }

    /** Where the group has committed, sorted by topic and partition. */
    public List<TopicPartition> partitions(String groupId) {
        JournaledMap<TopicPartition, CommittedOffset> offsets = committed.get(groupId);
        return offsets == null
                ? List.of()
                : offsets.keys().stream().sorted(ORDER).toList();
    }

    /** By group, the partitions where an offset that is wanted is committed or staged; all in order. */
    Map<String, Set<TopicPartition>> find(BiPredicate<TopicPartition, Uuid> wanted) {
        Map<String, Set<TopicPartition>> found = new TreeMap<>();
        for (String groupId : committed.keys()) {
            JournaledMap<TopicPartition, CommittedOffset> offsets = committed.get(groupId);
            if (offsets != null) {
                offsets.asMap().forEach((partition, offset) -> {
                    if (wanted.test(partition, offset.topicId())) {
                        found.computeIfAbsent(groupId, none -> new TreeSet<>(ORDER))
                                .add(partition);
                    }
                });
            }
        }
        for (JournaledMap<Staged, CommittedOffset> mine : staged.values()) {
            mine.asMap().forEach((key, offset) -> {
                if (wanted.test(key.partition(), offset.topicId())) {
                    found.computeIfAbsent(key.groupId(), none -> new TreeSet<>(ORDER))
                            .add(key.partition());
                }
            });
        }
        return found;
    }

    /** Whether an open transaction has staged an offset here. */
    public boolean isStaged(String groupId, TopicPartition partition) {
        for (JournaledMap<Staged, CommittedOffset> mine : staged.values()) {
            for (Staged key : mine.keys()) {
                if (key.groupId().equals(groupId) && key.partition().equals(partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether an open transaction has staged any offset of this group. */
    public boolean hasStaged(String groupId) {
        return staged.values().stream().anyMatch(mine -> mine.keys().stream()
                .anyMatch(key -> key.groupId().equals(groupId)));
    }

    /** Groups that have offsets, in no order. */
    public List<String> groupIds() {
        return List.copyOf(committed.keys());
    }

    /** The replicated content in an order that does not depend on how it came about, for comparing two tables. */
    @Override
    public String toString() {
        Map<String, String> all = new TreeMap<>();
        for (String groupId : committed.keys()) {
            for (TopicPartition partition : partitions(groupId)) {
                all.put(groupId + '/' + partition, String.valueOf(get(groupId, partition)));
            }
        }
        for (JournaledMap<Staged, CommittedOffset> mine : staged.values()) {
            mine.asMap().forEach((key, offset) -> all.put(key.toString(), offset.toString()));
        }
        return all.toString();
    }
}
