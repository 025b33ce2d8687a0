// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.JournaledMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
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

    /** By group and partition, the producers whose open transactions have staged an offset there; never an empty set or map. */
    private final JournaledMap<String, JournaledMap<TopicPartition, Set<Long>>> stagers;

    OffsetTable(Journal journal) {
        this.journal = journal;
        this.committed = new JournaledMap<>(journal);
        this.staged = new JournaledMap<>(journal);
        this.stagers = new JournaledMap<>(journal);
    }

    /** Takes in one offset; {@code offset} null removes it. */
    void apply(String groupId, TopicPartition partition, @Nullable CommittedOffset offset, long producerId) {
        if (offset == null) {
            remove(groupId, partition);
        } else if (producerId == Batch.NO_PRODUCER_ID) {
            put(groupId, partition, offset);
        } else {
            stage(new Staged(producerId, groupId, partition), offset);
        }
    }

    private void stage(Staged key, CommittedOffset offset) {
        JournaledMap<Staged, CommittedOffset> mine = staged.get(key.producerId());
        if (mine == null) {
            mine = new JournaledMap<>(journal);
            staged.put(key.producerId(), mine);
        }
        if (mine.put(key, offset) == null) {
            JournaledMap<TopicPartition, Set<Long>> ofGroup = stagers.get(key.groupId());
            if (ofGroup == null) {
                ofGroup = new JournaledMap<>(journal);
                stagers.put(key.groupId(), ofGroup);
            }
            Set<Long> producers = new HashSet<>(stagers(key.groupId(), key.partition()));
            producers.add(key.producerId());
            ofGroup.put(key.partition(), Set.copyOf(producers));
        }
    }

    /** The offset is staged no more, and gone from {@link #staged} already. */
    private void unstaged(Staged key) {
        JournaledMap<TopicPartition, Set<Long>> ofGroup = stagers.get(key.groupId());
        if (ofGroup == null) {
            return;
        }
        Set<Long> producers = new HashSet<>(stagers(key.groupId(), key.partition()));
        producers.remove(key.producerId());
        if (!producers.isEmpty()) {
            ofGroup.put(key.partition(), Set.copyOf(producers));
            return;
        }
        ofGroup.remove(key.partition());
        if (ofGroup.isEmpty()) {
            stagers.remove(key.groupId());
        }
    }

    private Set<Long> stagers(String groupId, TopicPartition partition) {
        JournaledMap<TopicPartition, Set<Long>> ofGroup = stagers.get(groupId);
        Set<Long> producers = ofGroup == null ? null : ofGroup.get(partition);
        return producers == null ? Set.of() : producers;
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
        for (long producerId : stagers(groupId, partition)) {
            Staged key = new Staged(producerId, groupId, partition);
            JournaledMap<Staged, CommittedOffset> mine = staged.get(producerId);
            if (mine != null) {
                mine.remove(key);
                if (mine.isEmpty()) {
                    staged.remove(producerId);
                }
            }
            unstaged(key);
        }
    }

    /** The groups that the transaction touched, taken over or dropped. */
    List<String> applyMarker(long producerId, boolean commit) {
        JournaledMap<Staged, CommittedOffset> mine = staged.remove(producerId);
        if (mine == null) {
            return List.of();
        }
        mine.keys().forEach(this::unstaged);
        if (!commit) {
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
        return !stagers(groupId, partition).isEmpty();
    }

    /** Whether an open transaction has staged any offset of this group. */
    public boolean hasStaged(String groupId) {
        return stagers.containsKey(groupId);
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
