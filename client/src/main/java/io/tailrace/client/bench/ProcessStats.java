// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a Linux process has used so far, from {@code /proc} (proc(5)).
 *
 * @param cpuS user and system time of all threads, seconds
 * @param jitS of it, the time of HotSpot's compiler threads; 0 for what is no HotSpot. A young JVM compiles for as long as it serves, which
 *     says nothing of how it serves when warm
 * @param residentBytes resident memory now
 * @param fileCount open file descriptors now
 */
public record ProcessStats(double cpuS, double jitS, long residentBytes, int fileCount) {

    /** USER_HZ: fixed at 100 on every Linux that a JVM runs on. */
    private static final double TICKS_PER_S = 100;

    private static final long PAGE_BYTES = 4096;

    /** Fails if there is no such process. */
    public static ProcessStats read(long pid) {
        Path proc = Path.of("/proc", Long.toString(pid));
        try {
            String[] stat = fields(Files.readString(proc.resolve("stat")));
            double jitS = 0;
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(proc.resolve("task"))) {
                for (Path task : tasks) {
                    jitS += jitSeconds(task);
                }
            }
            int files = 0;
            try (DirectoryStream<Path> fds = Files.newDirectoryStream(proc.resolve("fd"))) {
                for (Path ignored : fds) {
                    files++;
                }
            }
            long pages = Long.parseLong(Files.readString(proc.resolve("statm")).split(" ")[1]);
            return new ProcessStats(cpuSeconds(stat), jitS, pages * PAGE_BYTES, files);
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's process " + pid + " cannot be read: has it died?", e);
        }
    }

    /** Of two processes together. */
    public ProcessStats plus(ProcessStats other) {
        return new ProcessStats(
                cpuS + other.cpuS, jitS + other.jitS, residentBytes + other.residentBytes, fileCount + other.fileCount);
    }

    /** Without the compiler threads. */
    public double busyS() {
        return cpuS - jitS;
    }

    private static double jitSeconds(Path task) {
        try {
            String stat = Files.readString(task.resolve("stat"));
            String thread = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            return thread.startsWith("C1 Compiler") || thread.startsWith("C2 Compiler") ? cpuSeconds(fields(stat)) : 0;
        } catch (IOException e) {
            return 0; // the thread ended between the listing and the look
        }
    }

    /** The fields behind the command name, which is in brackets and may itself hold blanks and brackets. */
    private static String[] fields(String stat) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }

    private static double cpuSeconds(String[] stat) {
        return (Long.parseLong(stat[11]) + Long.parseLong(stat[12])) / TICKS_PER_S;
    }
}
