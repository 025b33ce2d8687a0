// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.append.AppendPreparation;
import io.tailrace.log.append.DecompressionLimits;
import io.tailrace.log.recovery.LogLoader;
import io.tailrace.log.segment.OpenFiles;
import io.tailrace.log.segment.Workbench;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** What the logs of a shard share with it: its tools, and the sets in which a log leaves word that it has work waiting. */
final class ShardState {

    private final ShardLogConfig config;
    private final Workbench bench;
    private final AppendPreparation preparation = new AppendPreparation(DecompressionLimits.DEFAULT);
    private final Set<PartitionLog> staged = new LinkedHashSet<>();
    private final Set<PartitionLog> unsynced = new LinkedHashSet<>();
    private final Set<PartitionLog> journaled = new LinkedHashSet<>();
    private final ArrayDeque<PartitionLog> unrecovered = new ArrayDeque<>();
    private final Removals removals = new Removals();
    private boolean isCheckpointDue;
    private boolean isCheckpointNeeded;
    private long checkpointSequence;
    private long nowMs;

    ShardState(LogDirectories directories, ShardLogConfig config, long nowMs) {
        this.config = config;
        this.bench = new Workbench(new OpenFiles(directories.disk(), config.maxOpenFiles()));
        this.checkpointSequence = directories.firstSequence();
        this.nowMs = nowMs;
    }

    ShardLogConfig config() {
        return config;
    }

    Workbench bench() {
        return bench;
    }

    AppendPreparation preparation() {
        return preparation;
    }

    /** Logs with batches to be written at the end of the turn. */
    Set<PartitionLog> staged() {
        return staged;
    }

    /** Logs with something to be synced, soon or in time. */
    Set<PartitionLog> unsynced() {
        return unsynced;
    }

    /** Logs with entries in the journal that no ticket covers yet. */
    Set<PartitionLog> journaled() {
        return journaled;
    }

    /** Logs that an old journal is kept for until what a crash left of them has been looked at. */
    ArrayDeque<PartitionLog> unrecovered() {
        return unrecovered;
    }

    /** Files that nobody needs any more, to be removed a few at a time. */
    Removals removals() {
        return removals;
    }

    /** The checkpoint is to be part of the next ticket: it holds something that is nowhere else. */
    void requestCheckpoint() {
        isCheckpointDue = true;
    }

    /** As {@link #requestCheckpoint}, and without it what follows cannot be promised: it holds the ids of new logs. */
    void needCheckpoint() {
        isCheckpointDue = true;
        isCheckpointNeeded = true;
    }

    boolean isCheckpointNeeded() {
        return isCheckpointNeeded;
    }

    boolean isCheckpointDue() {
        return isCheckpointDue;
    }

    void checkpointTaken() {
        isCheckpointDue = false;
        isCheckpointNeeded = false;
    }

    /** The sequence of the last checkpoint that was made, on disk or not. */
    long checkpointSequence() {
        return checkpointSequence;
    }

    long nextCheckpointSequence() {
        return ++checkpointSequence;
    }

    /** The last time the host told. */
    long nowMs() {
        return nowMs;
    }

    void tellTime(long nowMs) {
        this.nowMs = nowMs;
    }

    /** @param retired is told the files that only wait for their removal */
    LogLoader loader(Consumer<Path> retired) {
        return new LogLoader(bench, config.producers(), retired, nowMs);
    }
}
