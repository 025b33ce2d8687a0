// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * CPU that the threads of a Linux process have used so far, in seconds, by what they are for: says where the time goes, which the sum does not.
 *
 * @param seconds by name; threads of one kind together, those that nobody asked about as {@code other}
 */
public record ThreadTimes(Map<String, Double> seconds) {

    /** Beginnings of thread names, of which Linux keeps 15 characters, and what such threads are called here. */
    private static final Map<String, String> KINDS = Map.of(
            "vert.x-eventloo", "event_loops",
            "tailrace-log-", "log_shards",
            "tailrace-sync-", "syncs",
            "tailrace-gatewa", "gateway_workers",
            "C1 Compiler", "jit",
            "C2 Compiler", "jit",
            "VM Thread", "gc_and_safepoints",
            "GC Thread", "gc_and_safepoints");

    private static final String OTHER = "other";
    private static final double TICKS_PER_S = 100;

    /** Fails if there is no such process. Threads that have ended are not counted. */
    public static ThreadTimes read(long pid) {
        Map<String, Double> seconds = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                add(task, seconds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's process " + pid + " cannot be read: has it died?", e);
        }
        return new ThreadTimes(seconds);
    }

    private static void add(Path task, Map<String, Double> seconds) {
        String stat;
        try {
            stat = Files.readString(task.resolve("stat"));
        } catch (IOException ended) {
            return; // between the listing and the look
        }
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double used = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_S;
        seconds.merge(kind(name), used, Double::sum);
    }

    private static String kind(String name) {
        return KINDS.entrySet().stream()
                .filter(it -> name.startsWith(it.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(OTHER);
    }

    /** What was used since an earlier look, as percent of one core. @param prefix of the measures' names */
    public List<Measure> since(ThreadTimes before, double tookS, String prefix) {
        Map<String, Double> used = new HashMap<>(seconds);
        before.seconds.forEach((kind, earlier) -> used.merge(kind, -earlier, Double::sum));
        List<Measure> found = new ArrayList<>();
        new TreeMap<>(used)
                .forEach((kind, usedS) ->
                        found.add(new Measure(prefix + "." + kind, 100 * Math.max(0, usedS) / tookS, "% of a core")));
        return found;
    }
}
