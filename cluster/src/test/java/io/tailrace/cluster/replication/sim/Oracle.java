// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Knows what was committed and acknowledged, and says what must hold whatever happens. */
final class Oracle {

    /** What a run must never show. */
    static final class Violation extends AssertionError {
        Violation(String message) {
            super(message);
        }

        Violation(String message, Violation cause) {
            super(message, cause);
        }
    }

    private record Place(int epoch, long offset) {}

    private final List<SimLog.Entry> committed = new ArrayList<>();
    private final Map<Integer, String> leaderOfEpoch = new TreeMap<>();
    private final Map<Place, Long> written = new HashMap<>();
    private final Map<String, Long> highWatermarks = new HashMap<>();
    private int acknowledged;

    int acknowledged() {
        return acknowledged;
    }

    long committedEnd() {
        return committed.size();
    }

    /** One start of one node leads in an epoch, and no other one (R1, R12). */
    void leads(SimNode node, int epoch) {
        String before = leaderOfEpoch.put(epoch, node.name());
        require(
                before == null || before.equals(node.name()),
                () -> "epoch " + epoch + " is led by " + before + " and by " + node.name());
    }

    void appended(SimNode node, long offset, SimLog.Entry entry) {
        Long before = written.put(new Place(entry.epoch(), offset), entry.value());
        require(
                before == null || before == entry.value(),
                () -> node.name() + " writes " + entry + " at " + offset + ", which has held " + before);
    }

    /** The high watermark of a leader says what is committed; it never goes back, and what it covered stays the same. */
    void highWatermark(SimNode leader, int epoch, long highWatermark) {
        Long before = highWatermarks.put(leader.name() + '@' + epoch, highWatermark);
        require(before == null || before <= highWatermark, () -> leader.name() + ": the high watermark fell");
        require(
                highWatermark <= leader.log().logEndOffset(),
                () -> leader.name() + ": high watermark " + highWatermark + " beyond the log " + leader.log());
        match(leader, Math.min(highWatermark, committed.size()));
        while (committed.size() < highWatermark) {
            committed.add(leader.log().get(committed.size()));
        }
    }

    void followerHighWatermark(SimNode follower, long highWatermark) {
        require(
                highWatermark <= committed.size(),
                () -> follower.name() + ": high watermark " + highWatermark + " beyond what is committed, "
                        + committed.size());
        match(follower, Math.min(highWatermark, follower.log().logEndOffset()));
    }

    void acknowledged(SimNode leader, long offset, long value) {
        acknowledged++;
        require(
                offset < committed.size() && committed.get((int) offset).value() == value,
                () -> leader.name() + " acknowledged " + value + " at " + offset + ", which is not committed");
    }

    void truncated(SimNode node, long offset, boolean belowHighWatermark) {
        require(!belowHighWatermark, () -> node.name() + " truncates to " + offset + ", below its high watermark");
    }

    /** Every replica that may be elected without asking has all that is committed (R2). */
    void trusted(PartitionImage partition, Map<Integer, SimNode> nodes) {
        TreeSet<Integer> trusted = new TreeSet<>(partition.isr());
        trusted.addAll(partition.elr());
        for (int id : trusted) {
            SimNode node = nodes.get(id);
            if (node.isWhatTheControllerKnows()) {
                require(
                        node.safeEndOffset() >= committed.size(),
                        () -> node.name() + " is trusted (" + partition + ") and has " + node.log() + " of "
                                + committed.size());
                match(node, committed.size());
            }
        }
    }

    /** At the end all replicas are equal. */
    void converged(PartitionImage partition, Map<Integer, SimNode> nodes) {
        require(
                partition.isr().size() == partition.replicas().size(),
                () -> "out of sync for ever: " + partition + " " + nodes.values());
        for (SimNode node : nodes.values()) {
            require(
                    node.log().logEndOffset() == committed.size() && node.highWatermark() == committed.size(),
                    () -> node + " has not all of " + committed.size());
            match(node, committed.size());
        }
    }

    private void match(SimNode node, long endOffset) {
        SimLog log = node.log();
        for (long at = Math.max(log.matchedTo, log.baseOffset()); at < endOffset; at++) {
            SimLog.Entry ours = log.get(at);
            SimLog.Entry truth = committed.get((int) at);
            long offset = at;
            require(
                    ours.equals(truth),
                    () -> node.name() + " has " + ours + " at " + offset + ", committed is " + truth);
        }
        log.matchedTo = Math.max(log.matchedTo, endOffset);
    }

    private static void require(boolean holds, java.util.function.Supplier<String> otherwise) {
        if (!holds) {
            throw new Violation(otherwise.get());
        }
    }
}
