// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.replication.FollowerLog;
import io.tailrace.log.epoch.EpochEnd;
import io.tailrace.log.epoch.LeaderEpochs;
import java.util.ArrayList;
import java.util.List;

/** A log of records, one a batch, with the epoch history of the real one. What is above the durable end may go with a crash. */
final class SimLog implements FollowerLog {

    /** @param value unique in a run, or 0 for none */
    record Entry(int epoch, long value) {}

    private final List<Entry> entries = new ArrayList<>();
    private LeaderEpochs epochs = new LeaderEpochs();
    private long base;
    private long start;
    private long durable;

    /** Grows with each truncation: a sync that began before it says nothing. */
    private int cuts;

    /** How far this log is known to be equal to what was committed; kept by the oracle. */
    long matchedTo;

    void append(Entry entry) {
        epochs.assign(entry.epoch(), logEndOffset());
        entries.add(entry);
    }

    Entry get(long offset) {
        return entries.get((int) (offset - base));
    }

    /** The first offset of which the entry is here. */
    long baseOffset() {
        return base;
    }

    List<Entry> slice(long offset, int max) {
        int from = (int) (offset - base);
        return List.copyOf(entries.subList(from, Math.min(entries.size(), from + max)));
    }

    void startEpoch(int epoch) {
        epochs.assign(epoch, logEndOffset());
    }

    void truncate(long offset) {
        if (offset < logEndOffset()) {
            entries.subList((int) (offset - base), entries.size()).clear();
            cuts++;
        }
        epochs.truncateFromEnd(offset);
        durable = Math.min(durable, logEndOffset());
        matchedTo = Math.min(matchedTo, logEndOffset());
    }

    void restartAt(long offset) {
        entries.clear();
        epochs.clear();
        base = offset;
        start = offset;
        durable = offset;
        matchedTo = offset;
        cuts++;
    }

    void advanceStart(long offset) {
        entries.subList(0, (int) (offset - base)).clear();
        base = offset;
        start = offset;
        durable = Math.max(durable, offset);
        epochs.truncateFromStart(offset);
    }

    void syncedTo(long offset, int cutsThen) {
        if (cuts == cutsThen) {
            durable = Math.max(durable, offset);
        }
    }

    int cuts() {
        return cuts;
    }

    /** What is left after a crash: {@code keep} records, and the history that they tell. */
    void crash(long end) {
        entries.subList((int) (end - base), entries.size()).clear();
        durable = end;
        matchedTo = Math.min(matchedTo, end);
        cuts++;
        LeaderEpochs found = new LeaderEpochs();
        for (int i = 0; i < entries.size(); i++) {
            found.assign(entries.get(i).epoch(), base + i);
        }
        epochs = found;
    }

    @Override
    public long logStartOffset() {
        return start;
    }

    @Override
    public long logEndOffset() {
        return base + entries.size();
    }

    @Override
    public long durableEndOffset() {
        return durable;
    }

    @Override
    public int latestEpoch() {
        return epochs.latestEpoch();
    }

    @Override
    public EpochEnd epochEnd(int leaderEpoch) {
        return epochs.endOffsetFor(leaderEpoch, logEndOffset());
    }

    @Override
    public String toString() {
        return "[" + start + ", " + durable + ", " + logEndOffset() + ") " + epochs;
    }
}
