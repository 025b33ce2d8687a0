// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.epoch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The history of leader epochs of one log: which epoch began at which offset (KIP-101, KIP-279, KIP-320).
 *
 * <p>Two replicas may hold different records at the same offset only if different leaders wrote them. So a follower never
 * truncates to its high watermark; it asks the leader where the follower's last epoch ends, and the leader answers with
 * the largest epoch it knows that is not above it, and that epoch's end. If that is another epoch than the one asked for,
 * the follower asks again with the largest epoch it has itself below the answer, until they meet.
 *
 * <p>Invariant: epochs and start offsets both rise strictly from entry to entry. An entry that would break this proves the
 * later ones wrong (their records were truncated), so {@link #assign} removes them.
 *
 * <p>Lessons kept here: an epoch is assigned when its leader is elected, without waiting for its first record
 * (KAFKA-7415); epoch 0 is an epoch (KAFKA-10432); the history is cleaned even when truncation moved no byte of the log
 * (KAFKA-10706). Whoever calls a mutator that answers true has to write {@link #checkpoint} durably before acting on it.
 *
 * <p>The checkpoint is a text file, line for line that of Kafka's {@code leader-epoch-checkpoint}:
 *
 * <pre>
 * 0          the version
 * 2          how many entries follow
 * 0 0        epoch and its start offset, in rising order
 * 3 1742
 * </pre>
 */
public final class LeaderEpochs {

    private static final int VERSION = 0;

    private final TreeMap<Integer, Long> startOffsets = new TreeMap<>();

    public LeaderEpochs() {}

    /** @param entries in rising order; each goes through {@link #assign} */
    public LeaderEpochs(Collection<EpochStart> entries) {
        entries.forEach(entry -> assign(entry.epoch(), entry.startOffset()));
    }

    /**
     * Notes that {@code epoch} starts at {@code startOffset}: at election with the log end offset, and for every batch a
     * follower appends with the batch's base offset. An epoch that is known already keeps its start.
     *
     * @return whether the history changed
     */
    public boolean assign(int epoch, long startOffset) {
        var entry = new EpochStart(epoch, startOffset);
        var last = startOffsets.lastEntry();
        if (last != null && last.getKey() == epoch && last.getValue() <= startOffset) {
            return false;
        }
        // Epochs never fall along a log: a record of this epoch here proves that later epochs had none before it.
        startOffsets.tailMap(epoch, false).clear();
        Long known = startOffsets.get(epoch);
        if (known != null && known <= startOffset) {
            return true;
        }
        while (!startOffsets.isEmpty() && startOffsets.lastEntry().getValue() >= startOffset) {
            startOffsets.pollLastEntry();
        }
        startOffsets.put(entry.epoch(), entry.startOffset());
        return true;
    }

    /** The epoch of the last leader known, or -1. */
    public int latestEpoch() {
        return startOffsets.isEmpty() ? EpochEnd.UNDEFINED_EPOCH : startOffsets.lastKey();
    }

    /** The largest known epoch below {@code epoch}, or -1: where a follower goes on asking (KIP-279). */
    public int previousEpoch(int epoch) {
        Integer lower = startOffsets.lowerKey(epoch);
        return lower == null ? EpochEnd.UNDEFINED_EPOCH : lower;
    }

    /** The start of {@code epoch}, or -1 if it is not known. */
    public long startOffset(int epoch) {
        Long start = startOffsets.get(epoch);
        return start == null ? EpochEnd.UNDEFINED_OFFSET : start;
    }

    /** The epoch that wrote {@code offset}, or -1 if the offset lies before the history. */
    public int epochAt(long offset) {
        for (Map.Entry<Integer, Long> e : startOffsets.descendingMap().entrySet()) {
            if (e.getValue() <= offset) {
                return e.getKey();
            }
        }
        return EpochEnd.UNDEFINED_EPOCH;
    }

    /**
     * The largest epoch that is not above {@code epoch}, and where it ends.
     *
     * <p>The latest epoch ends at the log's end. An epoch above the latest is not known here: {@link EpochEnd#UNDEFINED}.
     * An epoch older than the history answers itself with the start of the oldest epoch known: all the asker has from then
     * is suspect beyond that offset.
     */
    public EpochEnd endOffsetFor(int epoch, long logEndOffset) {
        if (epoch < 0 || startOffsets.isEmpty() || epoch > startOffsets.lastKey()) {
            return EpochEnd.UNDEFINED;
        }
        if (epoch == startOffsets.lastKey()) {
            return new EpochEnd(epoch, logEndOffset);
        }
        long end = startOffsets.higherEntry(epoch).getValue();
        Integer floor = startOffsets.floorKey(epoch);
        return new EpochEnd(floor == null ? epoch : floor, end);
    }

    /**
     * Forgets all epochs that start at or after {@code endOffset}, the log's new end.
     *
     * @return whether the history changed
     */
    public boolean truncateFromEnd(long endOffset) {
        boolean changed = false;
        while (!startOffsets.isEmpty() && startOffsets.lastEntry().getValue() >= endOffset) {
            startOffsets.pollLastEntry();
            changed = true;
        }
        return changed;
    }

    /**
     * Forgets all epochs that end at or before {@code startOffset}, the log's new start; the epoch that spans it now begins
     * there.
     *
     * @return whether the history changed
     */
    public boolean truncateFromStart(long startOffset) {
        if (startOffsets.isEmpty() || startOffsets.firstEntry().getValue() >= startOffset) {
            return false;
        }
        int spanning = EpochEnd.UNDEFINED_EPOCH;
        while (!startOffsets.isEmpty() && startOffsets.firstEntry().getValue() <= startOffset) {
            spanning = startOffsets.pollFirstEntry().getKey();
        }
        startOffsets.put(spanning, startOffset);
        return true;
    }

    /** Forgets everything, as when the log starts anew at another offset. */
    public boolean clear() {
        boolean changed = !startOffsets.isEmpty();
        startOffsets.clear();
        return changed;
    }

    public boolean isEmpty() {
        return startOffsets.isEmpty();
    }

    /** The history in rising order; a copy. */
    public List<EpochStart> entries() {
        var entries = new ArrayList<EpochStart>(startOffsets.size());
        startOffsets.forEach((epoch, start) -> entries.add(new EpochStart(epoch, start)));
        return entries;
    }

    /** The text of the checkpoint file, to be written durably (new file, sync, rename, sync the directory). */
    public byte[] checkpoint() {
        var text = new StringBuilder()
                .append(VERSION)
                .append('\n')
                .append(startOffsets.size())
                .append('\n');
        startOffsets.forEach(
                (epoch, start) -> text.append(epoch).append(' ').append(start).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #checkpoint} (or Kafka) wrote.
     *
     * @throws MalformedCheckpointException if the text is torn or no checkpoint; the history can then be rebuilt from the
     *     batches of the log
     */
    public static LeaderEpochs fromCheckpoint(byte[] bytes) throws MalformedCheckpointException {
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < 2) {
            throw new MalformedCheckpointException("two lines of header are missing");
        }
        if (number(lines.get(0)) != VERSION) {
            throw new MalformedCheckpointException("version " + lines.get(0) + " is not known");
        }
        long count = number(lines.get(1));
        if (count != lines.size() - 2) {
            throw new MalformedCheckpointException(
                    count + " entries are declared, " + (lines.size() - 2) + " are there");
        }
        var entries = new ArrayList<EpochStart>();
        for (String line : lines.subList(2, lines.size())) {
            String[] fields = line.trim().split("\\s+");
            if (fields.length != 2) {
                throw new MalformedCheckpointException("line '" + line + "' is not an epoch and an offset");
            }
            long epoch = number(fields[0]);
            long start = number(fields[1]);
            if (epoch < 0 || epoch > Integer.MAX_VALUE || start < 0) {
                throw new MalformedCheckpointException("line '" + line + "' is out of range");
            }
            entries.add(new EpochStart((int) epoch, start));
        }
        return new LeaderEpochs(entries);
    }

    private static long number(String text) throws MalformedCheckpointException {
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            throw new MalformedCheckpointException("'" + text + "' is not a number");
        }
    }

    @Override
    public String toString() {
        return "LeaderEpochs" + startOffsets;
    }
}
