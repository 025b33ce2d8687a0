// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A map whose changes can be taken back through a {@link Journal}. Values must be immutable, or journal their own changes. */
public final class JournaledMap<K, V> {

    private final Journal journal;
    private final Map<K, V> entries = new LinkedHashMap<>();

    public JournaledMap(Journal journal) {
        this.journal = journal;
    }

    public @Nullable V get(K key) {
        return entries.get(key);
    }

    public @Nullable V put(K key, V value) {
        V former = entries.put(key, value);
        if (journal.recording()) {
            journal.note(() -> restore(key, former));
        }
        return former;
    }

    public @Nullable V remove(K key) {
        V former = entries.remove(key);
        if (former != null && journal.recording()) {
            journal.note(() -> restore(key, former));
        }
        return former;
    }

    private void restore(K key, @Nullable V former) {
        if (former == null) {
            entries.remove(key);
        } else {
            entries.put(key, former);
        }
    }

    public boolean containsKey(K key) {
        return entries.containsKey(key);
    }

    public int size() {
        return entries.size();
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** A view, in no order to rely on: what goes to somebody outside is sorted first. */
    public Collection<V> values() {
        return Collections.unmodifiableCollection(entries.values());
    }

    /** A view, in no order to rely on. */
    public Set<K> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** A read-only view, in no order to rely on. */
    public Map<K, V> asMap() {
        return Collections.unmodifiableMap(entries);
    }

    @Override
    public String toString() {
        return entries.toString();
    }
}
