// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map whose changed copies share all but a few small nodes with the original.
 *
 * <p>A new {@link ClusterImage} is made for every batch of metadata records. Were its maps copied, creating 10,000 topics one by one would
 * copy fifty million entries; here each step copies the path from the root to one leaf: about two nodes of at most 32 slots at 10,000
 * entries, three at a million. Look-ups follow the same path.
 *
 * <p>The structure is a hash trie in the compressed form of Steindorff and Vinju ("Optimizing Hash-Array Mapped Tries for Fast and Lean
 * Immutable JVM Collections", OOPSLA 2015): a node holds the entries and the sub-nodes that exist, in one array, and two 32-bit maps say
 * which of the 32 possible places are which. Five bits of the (spread) hash choose the place at each level. Keys whose 32 bits agree share a
 * bucket at the bottom, searched in order.
 *
 * <p>The order of iteration depends on the keys' hash codes alone (for keys whose hashes do not clash), so it is the same on every node and
 * in every run for the key types used here. Null keys and values are refused. Safe from any thread.
 */
final class PersistentMap<K, V> extends AbstractMap<K, V> {

    private static final int BITS = 5;
    private static final int DEEPEST_SHIFT = 30;
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(new Node(0, 0, new Object[0]), 0);

    private final Node root;
    private final int size;

    private PersistentMap(Node root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked")
    static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /** The map itself if it is one of ours already, else a copy. */
    static <K, V> PersistentMap<K, V> of(Map<K, V> map) {
        if (map instanceof PersistentMap<K, V> ours) {
            return ours;
        }
        PersistentMap<K, V> copy = empty();
        for (Entry<K, V> entry : map.entrySet()) {
            copy = copy.with(entry.getKey(), entry.getValue());
        }
        return copy;
    }

    /** This map with {@code key} bound to {@code value}. */
    PersistentMap<K, V> with(K key, V value) {
        boolean isNew = !containsKey(key);
        Node changed = put(root, spread(key), 0, key, value);
        return new PersistentMap<>(changed, isNew ? size + 1 : size);
    }

    /** This map without {@code key}; itself if it has no such key. */
    PersistentMap<K, V> without(K key) {
        return containsKey(key) ? new PersistentMap<>(remove(root, spread(key), 0, key), size - 1) : this;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    @SuppressWarnings("unchecked")
    public @Nullable V get(Object key) {
        int hash = spread(key);
        Node node = root;
        for (int shift = 0; shift <= DEEPEST_SHIFT + BITS; shift += BITS) {
            if (node.isBucket()) {
                int at = node.findInBucket(key);
                return at < 0 ? null : (V) node.slots[at + 1];
            }
            int bit = bit(hash, shift);
            if ((node.entries & bit) != 0) {
                int at = node.entryAt(bit);
                return node.slots[at].equals(key) ? (V) node.slots[at + 1] : null;
            }
            if ((node.children & bit) == 0) {
                return null;
            }
            node = (Node) node.slots[node.childAt(bit)];
        }
        throw new IllegalStateException("a hash trie is at most eight levels deep");
    }

    private static Node put(Node node, int hash, int shift, Object key, Object value) {
        if (node.isBucket()) {
            int at = node.findInBucket(key);
            return at < 0
                    ? new Node(Node.BUCKET, 0, inserted(node.slots, node.slots.length, key, value))
                    : node.replaced(at + 1, value);
        }
        int bit = bit(hash, shift);
        if ((node.children & bit) != 0) {
            int at = node.childAt(bit);
            return node.replaced(at, put((Node) node.slots[at], hash, shift + BITS, key, value));
        }
        int at = node.entryAt(bit);
        if ((node.entries & bit) == 0) {
            return new Node(node.entries | bit, node.children, inserted(node.slots, at, key, value));
        }
        Object other = node.slots[at];
        if (other.equals(key)) {
            return node.replaced(at + 1, value);
        }
        Node child = pair(spread(other), other, node.slots[at + 1], hash, key, value, shift + BITS);
        Object[] slots = inserted(removed(node.slots, at, 2), node.childAt(bit) - 2, child);
        return new Node(node.entries ^ bit, node.children | bit, slots);
    }

    private static Node pair(int hashA, Object a, Object valueA, int hashB, Object b, Object valueB, int shift) {
        if (shift > DEEPEST_SHIFT) {
            return new Node(Node.BUCKET, 0, new Object[] {a, valueA, b, valueB});
        }
        int bitA = bit(hashA, shift);
        int bitB = bit(hashB, shift);
        if (bitA == bitB) {
            return new Node(0, bitA, new Object[] {pair(hashA, a, valueA, hashB, b, valueB, shift + BITS)});
        }
        boolean first = Integer.compareUnsigned(bitA, bitB) < 0;
        return new Node(
                bitA | bitB, 0, first ? new Object[] {a, valueA, b, valueB} : new Object[] {b, valueB, a, valueA});
    }

    /** Removes a key that is there. A child left with one entry is folded into its parent, so that equal maps have equal shapes. */
    private static Node remove(Node node, int hash, int shift, Object key) {
        if (node.isBucket()) {
            Object[] slots = removed(node.slots, node.findInBucket(key), 2);
            return new Node(slots.length == 2 ? bit(hash, 0) : Node.BUCKET, 0, slots);
        }
        int bit = bit(hash, shift);
        if ((node.entries & bit) != 0) {
            return new Node(node.entries ^ bit, node.children, removed(node.slots, node.entryAt(bit), 2));
        }
        int at = node.childAt(bit);
        Node child = remove((Node) node.slots[at], hash, shift + BITS, key);
        if (child.slots.length == 2 && child.children == 0) {
            Object[] slots = removed(node.slots, at, 1);
            return new Node(
                    node.entries | bit,
                    node.children ^ bit,
                    inserted(slots, node.entryAt(bit), child.slots[0], child.slots[1]));
        }
        return node.replaced(at, child);
    }

    private static int spread(Object key) {
        int hash = key.hashCode();
        return hash ^ (hash >>> 16);
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & 31);
    }

    private static Object[] inserted(Object[] slots, int at, Object... added) {
        Object[] copy = Arrays.copyOf(slots, slots.length + added.length);
        System.arraycopy(slots, at, copy, at + added.length, slots.length - at);
        System.arraycopy(added, 0, copy, at, added.length);
        return copy;
    }

    private static Object[] removed(Object[] slots, int at, int count) {
        Object[] copy = Arrays.copyOf(slots, slots.length - count);
        System.arraycopy(slots, at + count, copy, at, slots.length - at - count);
        return copy;
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Entry<K, V>> iterator() {
                return new Walk<>(root);
            }
        };
    }

    /**
     * One node: entries first, as key and value next to each other, then the children.
     *
     * @param entries which places hold an entry
     * @param children which places hold a child; never both bits. A bucket of keys with one hash has no places: all its slots are entries
     */
    private record Node(int entries, int children, Object[] slots) {

        /** Stands in {@code entries} with {@code slots} of four or more: no node has exactly one entry bit and two or more entries. */
        static final int BUCKET = 1;

        boolean isBucket() {
            return entries == BUCKET && children == 0 && slots.length > 2;
        }

        int entryAt(int bit) {
            return 2 * Integer.bitCount(entries & (bit - 1));
        }

        int childAt(int bit) {
            return 2 * Integer.bitCount(entries) + Integer.bitCount(children & (bit - 1));
        }

        int findInBucket(Object key) {
            for (int at = 0; at < slots.length; at += 2) {
                if (slots[at].equals(key)) {
                    return at;
                }
            }
            return -1;
        }

        Node replaced(int at, Object value) {
            Object[] copy = slots.clone();
            copy[at] = value;
            return new Node(entries, children, copy);
        }

        int entryCount() {
            return isBucket() ? slots.length / 2 : Integer.bitCount(entries);
        }
    }

    /** Depth first, the entries of a node before its children. */
    private static final class Walk<K, V> implements Iterator<Entry<K, V>> {
        private final Deque<Node> todo = new ArrayDeque<>();
        private Node node;
        private int next;

        Walk(Node root) {
            node = root;
            open(root);
        }

        private void open(Node opened) {
            node = opened;
            next = 0;
            int children = opened.isBucket() ? 0 : Integer.bitCount(opened.children);
            for (int at = opened.slots.length - 1; children > 0; at--, children--) {
                todo.push((Node) opened.slots[at]);
            }
        }

        @Override
        public boolean hasNext() {
            while (next == node.entryCount() && !todo.isEmpty()) {
                open(todo.pop());
            }
            return next < node.entryCount();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Entry<K, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int at = 2 * next++;
            return new SimpleImmutableEntry<>((K) node.slots[at], (V) node.slots[at + 1]);
        }
    }
}
