// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

/** One value whose changes can be taken back through a {@link Journal}. The value must be immutable. */
public final class JournaledCell<V> {

    private final Journal journal;
    private V value;

    public JournaledCell(Journal journal, V initial) {
        this.journal = journal;
        this.value = initial;
    }

    public V get() {
        return value;
    }

    public void set(V next) {
        V former = value;
        value = next;
        if (journal.recording()) {
            journal.note(() -> value = former);
        }
    }

    @Override
    public String toString() {
        return String.valueOf(value);
    }
}
