// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.StorageException;
import io.tailrace.log.journal.Journal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Writes what a turn has staged: to the segments, and, what is small, also to the journal. */
final class TurnWriter {

    private final Collection<PartitionLog> staged;
    private final long nowMs;
    private final long turnBytes;

    TurnWriter(Collection<PartitionLog> staged, long nowMs) {
        this.staged = staged;
        this.nowMs = nowMs;
        long bytes = 0;
        for (PartitionLog log : staged) {
            bytes += log.staging().bytes();
        }
        this.turnBytes = bytes;
    }

    void run(Collection<LogDirectory> homes, List<LogFailure> failures) {
        for (LogDirectory home : homes) {
            List<PartitionLog> direct = new ArrayList<>();
            List<PartitionLog> small = new ArrayList<>();
            divide(home, direct, small);
            if (!small.isEmpty() && !hasRoom(home.journal(), small)) {
                direct.addAll(small);
                small.clear();
            }
            direct.forEach(log -> write(log, false, failures));
            journal(home, small, failures);
        }
        staged.forEach(log -> log.staging().clear());
    }

    private void divide(LogDirectory home, List<PartitionLog> direct, List<PartitionLog> small) {
        for (PartitionLog log : staged) {
            if (log.state().home().equals(home)) {
                boolean isSmall = log.staging().isJournalable()
                        && home.journal().policy().takes(log.staging().bytes(), turnBytes, staged.size());
                (isSmall ? small : direct).add(log);
            }
        }
    }

    private static boolean hasRoom(Journal<PartitionLog> journal, List<PartitionLog> logs) {
        long bytes = 0;
        for (PartitionLog log : logs) {
            bytes += log.staging().bytes();
        }
        return journal.hasRoom(bytes, logs.size());
    }

    /** Segments first: what fails there must not be found in the journal. */
    private void journal(LogDirectory home, List<PartitionLog> small, List<LogFailure> failures) {
        List<Journal.Append<PartitionLog>> appends = new ArrayList<>(small.size());
        for (PartitionLog log : small) {
            Journal.Append<PartitionLog> append = log.staging().journalAppend();
            if (write(log, true, failures)) {
                appends.add(append);
            }
        }
        if (appends.isEmpty()) {
            return;
        }
        try {
            home.journal().write(appends);
            appends.forEach(append -> append.log().staging().journaled());
        } catch (StorageException e) {
            home.fail(e);
            appends.forEach(append -> failures.add(new LogFailure(append.log().topicPartition(), e)));
        }
    }

    private boolean write(PartitionLog log, boolean journaled, List<LogFailure> failures) {
        try {
            log.staging().write(journaled, nowMs);
            return true;
        } catch (StorageException e) {
            failures.add(new LogFailure(log.topicPartition(), e));
            return false;
        }
    }
}
