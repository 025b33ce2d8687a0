// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the controller has decided and the log has not committed: units of records and the answers that wait for them, in order. */
final class Outbox {

    /** An entry is closed once it has this many bytes; so it is at most this and one unit long. */
    static final int ENTRY_BYTES = 256 << 10;

    /** What to tell a request once all before it is committed. */
    record Answer(long requestId, ControllerReply reply) {}

    private final Deque<Object> waiting = new ArrayDeque<>();
    private final List<Answer> covered = new ArrayList<>();
    private byte @Nullable [] underWay;
    private long bytes;

    void add(List<byte[]> units) {
        for (byte[] unit : units) {
            waiting.add(unit);
            bytes += unit.length;
        }
    }

    void add(Answer answer) {
        waiting.add(answer);
    }

    /** Of the units that wait; what is under way is not counted. */
    long bytes() {
        return bytes;
    }

    /** Whether no entry is with the log. */
    boolean isIdle() {
        return underWay == null;
    }

    boolean isUnderWay(byte[] entry) {
        return Arrays.equals(underWay, entry);
    }

    /** Takes out the answers that nothing stands in front of. Only when idle. */
    List<Answer> answersInFront() {
        List<Answer> answers = new ArrayList<>();
        takeAnswers(answers);
        return answers;
    }

    /** Makes the next entry of what waits, if anything does. Only when idle. */
    Optional<byte[]> nextEntry() {
        List<byte[]> units = new ArrayList<>();
        int length = 0;
        while (length < ENTRY_BYTES && waiting.peek() instanceof byte[] unit) {
            waiting.remove();
            units.add(unit);
            length += unit.length;
            takeAnswers(covered);
        }
        bytes -= length;
        underWay = units.isEmpty() ? null : MetadataRecordCodec.entry(units);
        return Optional.ofNullable(underWay);
    }

    /** The entry under way is committed: the answers that waited for it. */
    List<Answer> settled() {
        List<Answer> answers = List.copyOf(covered);
        covered.clear();
        underWay = null;
        return answers;
    }

    /** Drops everything. All answers that were waiting, in order. */
    List<Answer> clear() {
        List<Answer> answers = new ArrayList<>(settled());
        for (Object item : waiting) {
            if (item instanceof Answer answer) {
                answers.add(answer);
            }
        }
        waiting.clear();
        bytes = 0;
        return answers;
    }

    private void takeAnswers(List<Answer> into) {
        while (waiting.peek() instanceof Answer answer) {
            waiting.remove();
            into.add(answer);
        }
    }
}
