// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * What one partition has to hold: a plain list. Before a cut is certain to be on disk, a crash may bring back what it took, so
 * earlier versions are remembered until a sync has covered the cut.
 */
final class ModelLog {

    final Uuid topicId;

    /** The values by offset; null below the start or where a log began anew. */
    List<String> values = new ArrayList<>();

    final List<List<String>> earlier = new ArrayList<>();
    long start;
    long written;
    long promised;
    int epoch;

    ModelLog(Uuid topicId) {
        this.topicId = topicId;
    }

    /** A new log of the same topic in its place. Until a sync has covered that, a crash may bring back this one. */
    ModelLog createdAnew() {
        ModelLog fresh = new ModelLog(topicId);
        fresh.earlier.addAll(earlier);
        fresh.earlier.add(values);
        fresh.epoch = epoch + 1;
        return fresh;
    }

    void append(List<String> records) {
        values.addAll(records);
    }

    void dropStaged() {
        values = new ArrayList<>(values.subList(0, (int) written));
    }

    void cut(long end) {
        earlier.add(values);
        values = new ArrayList<>(values.subList(0, (int) Math.min(end, values.size())));
        while (values.size() < end) {
            values.add(null);
        }
        written = end;
        promised = Math.min(promised, end);
        epoch++;
    }

    /** Whether a crash may have left just these values from {@code from} on. */
    boolean mayBecome(long from, List<String> found) {
        return isPrefix(values, from, found) || earlier.stream().anyMatch(v -> isPrefix(v, from, found));
    }

    private static boolean isPrefix(List<String> version, long from, List<String> found) {
        return from + found.size() <= version.size()
                && version.subList((int) from, (int) from + found.size()).equals(found);
    }

    /**
     * The log was recovered and holds these values from {@code from} on. What recovery cut off may come back, too, until the cut
     * is synced.
     */
    void becomes(long from, List<String> found) {
        List<String> now = new ArrayList<>();
        while (now.size() < from) {
            now.add(null);
        }
        now.addAll(found);
        earlier.add(values);
        values = now;
        start = from;
        written = now.size();
        promised = Math.min(written, Math.max(promised, from));
        epoch++;
    }
}
