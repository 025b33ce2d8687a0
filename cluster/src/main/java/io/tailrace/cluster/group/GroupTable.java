// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.JournaledMap;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All groups of one partition, of every kind, by id: an id names one group, whatever its kind. */
public final class GroupTable {

    private final Journal journal;
    private final JournaledMap<String, Group> groups;

    public GroupTable(Journal journal) {
        this.journal = journal;
        this.groups = new JournaledMap<>(journal);
    }

    /** For the {@code Journaled…} containers of groups in this table. */
    public Journal journal() {
        return journal;
    }

    public @Nullable Group get(String groupId) {
        return groups.get(groupId);
    }

    /** The group under this id if it is of this class. */
    public <G extends Group> Optional<G> find(String groupId, Class<G> kind) {
        Group group = groups.get(groupId);
        return kind.isInstance(group) ? Optional.of(kind.cast(group)) : Optional.empty();
    }

    /** Adds a group, or replaces the one with its id. Undone with the write that it belongs to. */
    public void put(Group group) {
        groups.put(group.groupId(), group);
    }

    public void remove(String groupId) {
        groups.remove(groupId);
    }

    /** In no order; valid until the next change. */
    Collection<Group> all() {
        return groups.values();
    }

    /** A copy, sorted by id. */
    public List<Group> sorted() {
        return groups.values().stream()
                .sorted(Comparator.comparing(Group::groupId))
                .toList();
    }

    public int size() {
        return groups.size();
    }
}
