// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.txn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The aborted transactions whose abort markers lie in one segment, in the order of the markers: the content of its {@code
 * .txnindex} file ({@link AbortedTransaction} has the bytes).
 *
 * <p>A transaction may begin in an earlier segment than it ends, never the other way round. A fetch of {@code [from, to)}
 * therefore asks the segment it starts in and then later ones, until a lookup says it is {@link Lookup#complete}: an entry
 * whose last stable offset is at or beyond {@code to} proves that no later marker concerns the range.
 *
 * <p>Entries are few (one per abort), so they stay in memory while the segment is open and lookups scan them.
 */
public final class AbortedTransactions {

    /**
     * What one segment knows.
     *
     * @param transactions that touch the range, by first offset
     * @param complete whether later segments need not be asked
     */
    public record Lookup(List<AbortedTransaction> transactions, boolean complete) {

        public static final Lookup NOTHING_YET = new Lookup(List.of(), false);
    }

    private static final Comparator<AbortedTransaction> BY_FIRST_OFFSET =
            Comparator.comparingLong(AbortedTransaction::firstOffset);

    private final ArrayList<AbortedTransaction> entries = new ArrayList<>();

    /**
     * Adds the entry of a marker just appended.
     *
     * @throws IllegalArgumentException if an entry with the same or a later marker is there already: the caller is wrong
     */
    public void append(AbortedTransaction entry) {
        if (!entries.isEmpty() && entries.getLast().lastOffset() >= entry.lastOffset()) {
            throw new IllegalArgumentException(entry + " does not come after " + entries.getLast());
        }
        entries.add(entry);
    }

    /** The entries that touch {@code [fromInclusive, toExclusive)}. */
    public Lookup lookup(long fromInclusive, long toExclusive) {
        if (entries.isEmpty()) {
            return Lookup.NOTHING_YET;
        }
        var found = new ArrayList<AbortedTransaction>();
        for (AbortedTransaction entry : entries) {
            if (entry.lastOffset() >= fromInclusive && entry.firstOffset() < toExclusive) {
                found.add(entry);
            }
            if (entry.lastStableOffset() >= toExclusive) {
                found.sort(BY_FIRST_OFFSET);
                return new Lookup(found, true);
            }
        }
        found.sort(BY_FIRST_OFFSET);
        return new Lookup(found, false);
    }

    /**
     * Joins the lookups of consecutive segments for a fetch response: by first offset, as consumers expect.
     *
     * @return the same transactions, sorted
     */
    public static List<AbortedTransaction> byFirstOffset(Collection<AbortedTransaction> transactions) {
        var sorted = new ArrayList<>(transactions);
        sorted.sort(BY_FIRST_OFFSET);
        return sorted;
    }

    /**
     * Forgets markers at or beyond {@code endOffset}, the log's new end.
     *
     * @return how many bytes of the file remain
     */
    public int truncateTo(long endOffset) {
        while (!entries.isEmpty() && entries.getLast().lastOffset() >= endOffset) {
            entries.removeLast();
        }
        return sizeInBytes();
    }

    public int sizeInBytes() {
        return entries.size() * AbortedTransaction.BYTES;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** All entries in the order of their markers; a read-only view. */
    public List<AbortedTransaction> entries() {
        return Collections.unmodifiableList(entries);
    }

    /** The content of the file. */
    public ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(sizeInBytes());
        entries.forEach(entry -> entry.writeTo(bytes));
        return bytes.flip();
    }

    /**
     * Reads a file's content from position to limit.
     *
     * @param baseOffset of the segment: no marker in it lies below
     * @throws CorruptIndexException if it is torn or cannot be
     */
    public static AbortedTransactions decode(ByteBuffer bytes, long baseOffset) throws CorruptIndexException {
        if (bytes.remaining() % AbortedTransaction.BYTES != 0) {
            throw new CorruptIndexException(bytes.remaining() + " bytes are not a whole number of entries");
        }
        var index = new AbortedTransactions();
        ByteBuffer source = bytes.slice();
        while (source.hasRemaining()) {
            AbortedTransaction entry = AbortedTransaction.readFrom(source);
            boolean rises = index.entries.isEmpty() || index.entries.getLast().lastOffset() < entry.lastOffset();
            if (!rises || entry.lastOffset() < baseOffset) {
                throw new CorruptIndexException(entry + " is out of place in the segment at " + baseOffset);
            }
            index.entries.add(entry);
        }
        return index;
    }
}
