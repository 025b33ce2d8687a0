// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.SharedFile;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.disk.StorageException.Kind;
import io.tailrace.log.journal.Journal;
import io.tailrace.log.recovery.DurableFile;
import io.tailrace.log.recovery.ShardCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * All partitions of one shard. Single-threaded: every method is called from the shard's thread.
 *
 * <p>The turn protocol, which makes a system call per partition and a sync per turn out of any number of appends:
 *
 * <pre>{@code
 * AppendResult r = shard.partition(tp).append(batches, epoch, origin, terms, now);  // any number: staged
 * TurnEnd end = shard.endTurn(now);                // one gathering write per partition; failures are told here
 * if (!end.ticket().isEmpty()) {
 *     syncThread: end.ticket().sync();             // blocking, off the shard's thread
 *     shard.onSynced(end.ticket());                // back on it: durableEndOffset() of its logs has moved
 *     // or shard.onSyncFailed(end.ticket(), error): its logs are offline
 *     shard.endTurn(now);                          // hands out the next ticket, if anything came meanwhile
 * }
 * }</pre>
 *
 * <p>An append counts when {@code durableEndOffset() >= result.endOffset()}, not before.
 *
 * <p>A write or sync that fails puts its whole log directory offline, and it is never tried again: after a failed sync the
 * kernel may drop the pages and call the next one a success (fsyncgate). A full disk is no such failure.
 */
public final class ShardLog implements AutoCloseable {

    /** A few unlinks of up to a gigabyte each; more would hold the shard up. */
    private static final int REMOVALS_PER_TICKET = 8;

    private final Disk disk;
    private final ShardState state;
    private final List<LogDirectory> homes;
    private final Map<TopicPartition, PartitionLog> logs = new LinkedHashMap<>();
    private final List<LogFailure> openFailures = new ArrayList<>();
    // Names whose deletion no checkpoint on disk knows of yet, and those of them that the one in the ticket knows of.
    private final Set<TopicPartition> deletedSinceCheckpoint = new LinkedHashSet<>();
    private final Set<TopicPartition> deletedInCheckpoint = new LinkedHashSet<>();
    private final List<PartitionLog> notedBeforeCheckpoint = new ArrayList<>(0);
    // Deleted while the ticket wrote something of them, which may be in the directory of a new one of that name.
    private final Set<TopicPartition> strays = new LinkedHashSet<>(0);
    private final SyncTicket nothing;
    private @Nullable SyncTicket out;
    private @Nullable SyncTicket background;
    private long checkpointAtMs;
    private final long firstSequence;
    private int renames;

    private ShardLog(LogDirectories directories, ShardLogConfig config, long nowMs) {
        this.disk = directories.disk();
        this.state = new ShardState(directories, config, nowMs);
        this.firstSequence = directories.firstSequence();
        this.nothing = new SyncTicket(disk);
        this.homes = directories.listings().stream()
                .map(listing -> new LogDirectory(disk, listing.path(), config, directories.firstSequence()))
                .toList();
        this.checkpointAtMs = nowMs + config.checkpointIntervalMs();
    }

    /**
     * Opens all partitions of the shard. What a crash left of one is looked at when it is first used, or by {@link #recoverNext}.
     *
     * @param owns which of the partitions found in the directories belong to this shard
     * @param defaults for partitions found, until {@link PartitionLog#updateConfig}
     */
    public static ShardLog open(
            LogDirectories directories,
            ShardLogConfig config,
            Predicate<TopicPartition> owns,
            LogConfig defaults,
            long nowMs) {
        ShardLog shard = new ShardLog(directories, config, nowMs);
        ShardOpening opening = new ShardOpening(shard.state, defaults, owns);
        for (int i = 0; i < shard.homes.size(); i++) {
            LogDirectories.Listing listing = directories.listings().get(i);
            LogDirectory home = shard.homes.get(i);
            StorageException fault = listing.fault();
            if (fault != null) {
                home.fail(fault);
                continue;
            }
            opening.open(listing, home, shard.logs, shard.openFailures);
            listing.missing().stream().filter(owns).forEach(shard.deletedSinceCheckpoint::add);
            if (config.shard() == 0) {
                listing.deleted()
                        .forEach(name -> LogFiles.retire(shard.disk, home.path().resolve(name), path -> shard.state
                                .removals()
                                .add(path, nowMs)));
            }
        }
        return shard;
    }

    /**
     * Recovers the next of the logs that a journal from before a crash is kept for; they need not be used for that. To be called, as long
     * as it returns true, from a shard that has nothing better to do: each call loads one log at most.
     *
     * @param failed is told of a log that cannot be recovered; it is offline, all others serve
     */
    public boolean recoverNext(Consumer<LogFailure> failed) {
        PartitionLog log = state.unrecovered().poll();
        if (log != null && log.state().isUnrecovered()) {
            log.state().settle();
        }
        StorageException fault = log == null ? null : log.state().fault();
        if (log != null && fault != null) {
            log.state().home().journal().abandon(log);
            if (fault.kind() != Kind.NOT_FOUND) { // deleted
                failed.accept(new LogFailure(log.topicPartition(), fault));
            }
        }
        return !state.unrecovered().isEmpty();
    }

    /** The logs that were found to be unusable by the start itself; they are offline, all others serve. */
    public List<LogFailure> openFailures() {
        return Collections.unmodifiableList(openFailures);
    }

    /**
     * Creates an empty log, or returns the one there is if it has the same topic id.
     *
     * @throws IllegalStateException if a log of another topic id is there: delete that first
     * @throws StorageException if the directory cannot be written
     */
    public PartitionLog create(TopicPartition partition, Uuid topicId, LogConfig config, long nowMs) {
        state.tellTime(nowMs);
        PartitionLog known = logs.get(partition);
        if (known != null) {
            if (!known.topicId().equals(topicId)) {
                throw new IllegalStateException(
                        partition + " is here with topic id " + known.topicId() + ", not " + topicId);
            }
            known.updateConfig(config);
            return known;
        }
        LogDirectory home = roomiest();
        // What the journal has of that topic id is of a log that was here before, and is deleted.
        LogPosition empty = LogPosition.empty(home.journal().lastSequence());
        PartitionLog log = new PartitionLog(state, home, partition, topicId, config, empty);
        log.create(deletedSinceCheckpoint.contains(partition) ? aside(log) : null);
        logs.put(partition, log);
        state.needCheckpoint();
        return log;
    }

    private LogDirectory roomiest() {
        LogDirectory best = null;
        for (LogDirectory home : homes) {
            if (home.fault() == null && (best == null || home.partitions() < best.partitions())) {
                best = home;
            }
        }
        if (best == null) {
            throw new StorageException(Kind.IO, "no log directory is online");
        }
        return best;
    }

    public Optional<PartitionLog> partition(TopicPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    /** A view of all partitions, offline ones too. */
    public Collection<PartitionLog> partitions() {
        return Collections.unmodifiableCollection(logs.values());
    }

    /** Takes the log away at once and its files in small steps, by {@link #removals}. Readers keep what they hold. */
    public void delete(TopicPartition partition) {
        PartitionLog log = logs.remove(partition);
        if (log != null) {
            SyncTicket ticket = out;
            if (ticket != null && !ticket.callOffWrites(log.state().files().directory())) {
                strays.add(partition);
            }
            log.delete(aside(log));
            deletedSinceCheckpoint.add(partition);
            deletedInCheckpoint.remove(partition);
            state.requestCheckpoint();
        }
    }

    /** A name that no directory had before, and that marks one to be removed. */
    private Path aside(PartitionLog log) {
        String unique = Long.toHexString(firstSequence) + "x" + state.config().shard() + "x" + renames++;
        return log.logDirectory().resolve(log.topicPartition() + "." + unique + LogDirectories.DELETE_SUFFIX);
    }

    /**
     * Writes what was staged, and hands out the next ticket if the last one has come back.
     *
     * @param nowMs the host's clock, milliseconds since the epoch
     */
    public TurnEnd endTurn(long nowMs) {
        return endTurn(nowMs, false);
    }

    private TurnEnd endTurn(long nowMs, boolean all) {
        state.tellTime(nowMs);
        List<LogFailure> failures = writeStaged(nowMs);
        if (out != null || (state.unsynced().isEmpty() && state.journaled().isEmpty() && !state.isCheckpointDue())) {
            return new TurnEnd(nothing, failures);
        }
        SyncTicket ticket = new SyncTicket(disk);
        for (PartitionLog log : List.copyOf(state.unsynced())) {
            try {
                log.state().tickets().collect(ticket, nowMs, all);
            } catch (StorageException e) {
                log.state().fail(e);
                failures.add(new LogFailure(log.topicPartition(), LogDirectory.offline(e)));
            }
        }
        for (PartitionLog log : state.journaled()) {
            log.state().tickets().collectJournaled(ticket);
        }
        state.journaled().clear();
        for (LogDirectory home : homes) {
            List<SharedFile> written = home.journal().drain();
            if (!written.isEmpty()) {
                ticket.files(home).addAll(written);
            }
        }
        if (state.isCheckpointDue()) {
            addCheckpoints(ticket);
        }
        if (!ticket.isEmpty()) {
            out = ticket;
        }
        return new TurnEnd(ticket, failures);
    }

    private List<LogFailure> writeStaged(long nowMs) {
        List<LogFailure> failures = new ArrayList<>(0);
        TurnWriter writer = new TurnWriter(state.staged(), nowMs);
        writer.run(homes, failures);
        state.staged().clear();
        return failures;
    }

    private void addCheckpoints(SyncTicket ticket) {
        boolean needed = state.isCheckpointNeeded();
        state.checkpointTaken();
        deletedInCheckpoint.addAll(deletedSinceCheckpoint);
        for (LogDirectory home : homes) {
            if (home.fault() == null) {
                Path file = home.path().resolve(checkpointFile());
                byte[] content = checkpoint(home).encode();
                if (needed) {
                    ticket.write(home, file, content);
                } else {
                    ticket.writeIfRoom(home, file, content);
                }
            }
        }
    }

    private ShardCheckpoint checkpoint(LogDirectory home) {
        List<ShardCheckpoint.Entry> entries = new ArrayList<>();
        for (PartitionLog log : logs.values()) {
            if (log.state().home().equals(home)) {
                log.state().syncs().checkpointing();
                if (log.state().syncs().takeTruncationNote()) {
                    notedBeforeCheckpoint.add(log);
                }
                LogPosition position = log.state().position();
                entries.add(new ShardCheckpoint.Entry(
                        log.topicPartition(),
                        log.topicId(),
                        position.logStartOffset(),
                        position.recoveryPoint(),
                        position.endOffset(),
                        position.sizeBytes(),
                        position.journalFloor(),
                        position.cleanedEndOffset(),
                        position.forgottenUpTo(),
                        position.epochs()));
            }
        }
        return new ShardCheckpoint(state.nextCheckpointSequence(), entries);
    }

    private String checkpointFile() {
        return ShardCheckpoint.file(state.config().shard());
    }

    /**
     * Work for a second sync thread that no append waits for: it makes the journal's files, and later frees them by syncing
     * segments. To be asked for after {@link #endTurn}; its outcome is told as that of any ticket. One is out at a time.
     */
    public SyncTicket backgroundTicket() {
        if (background != null) {
            return nothing;
        }
        SyncTicket ticket = new SyncTicket(disk);
        for (LogDirectory home : homes) {
            if (home.fault() == null) {
                Journal<PartitionLog> journal = home.journal();
                if (journal.claimPreparation()) {
                    ticket.work(home, journal.preparation(), journal::prepared);
                }
                for (PartitionLog log : journal.awaited()) {
                    collectInBackground(log, ticket);
                }
            }
        }
        if (!ticket.isEmpty()) {
            background = ticket;
        }
        return ticket;
    }

    private static void collectInBackground(PartitionLog log, SyncTicket ticket) {
        if (!log.isOnline()) {
            log.state().home().journal().abandon(log);
            return;
        }
        try {
            log.state().tickets().collectInBackground(ticket);
        } catch (StorageException e) {
            log.state().fail(e);
        }
    }

    /** What the ticket promised is on disk. */
    public void onSynced(SyncTicket ticket) {
        boolean isBackground = finish(ticket);
        ticket.promises().forEach(promise -> promise.log().state().tickets().synced(promise));
        if (isBackground) {
            ticket.finishWork();
            return;
        }
        if (ticket.lackedRoom()) {
            // The checkpoint before is still there, and true. The next one is made when it is due.
            deletedInCheckpoint.clear();
            return;
        }
        notedBeforeCheckpoint.forEach(log -> log.state().tickets().forgetCut());
        notedBeforeCheckpoint.clear();
        deletedSinceCheckpoint.removeAll(deletedInCheckpoint);
        deletedInCheckpoint.clear();
    }

    /**
     * Fences the logs of each log directory that the ticket could not sync: what they wrote since the last one may or may not
     * be on disk. Those of other directories are synced.
     *
     * @return all logs that went offline
     */
    public List<LogFailure> onSyncFailed(SyncTicket ticket, StorageException cause) {
        finish(ticket);
        ticket.failed().forEach(LogDirectory::fail);
        if (ticket.failed().isEmpty()) {
            homes.forEach(home -> home.fail(cause)); // the sync thread itself failed: nothing is known
        }
        List<LogFailure> failures = new ArrayList<>();
        for (PartitionLog log : logs.values()) {
            StorageException fault = log.state().home().fault();
            if (fault != null) {
                failures.add(new LogFailure(log.topicPartition(), fault));
            }
        }
        for (SyncTicket.Promise promise : ticket.promises()) {
            if (promise.log().state().home().fault() == null) {
                promise.log().state().tickets().synced(promise);
            }
        }
        return failures;
    }

    @SuppressWarnings("ReferenceEquality") // a ticket is itself
    private boolean finish(SyncTicket ticket) {
        boolean isBackground = ticket == background;
        if (isBackground) {
            background = null;
            ticket.promises().forEach(promise -> promise.log().state().tickets().backgroundDone());
        } else if (ticket == out) {
            out = null;
            ticket.promises().forEach(promise -> promise.log().state().syncs().ticketDone());
            removeStrays();
        } else {
            throw new IllegalStateException("this ticket is not out");
        }
        ticket.release();
        return isBackground;
    }

    /** A log that was created while the ticket was out has none of these files of its own: they come with tickets. */
    private void removeStrays() {
        for (TopicPartition partition : strays) {
            PartitionLog log = logs.get(partition);
            if (log != null && log.isOnline()) {
                try {
                    log.state().files().removeDerived();
                } catch (StorageException e) {
                    log.state().fence(e);
                }
            }
        }
        strays.clear();
    }

    /** Makes a checkpoint part of the next ticket when it is due. To be called about every second. */
    public void tick(long nowMs) {
        state.tellTime(nowMs);
        if (nowMs >= checkpointAtMs) {
            checkpointAtMs = nowMs + state.config().checkpointIntervalMs();
            state.requestCheckpoint();
        }
    }

    /** Some files of deleted partitions and segments whose delay is over; empty when there are none. For another thread to remove. */
    public RemovalTicket removals(long nowMs) {
        List<Path> due = new ArrayList<>(0);
        while (due.size() < REMOVALS_PER_TICKET && state.removals().hasDue(nowMs)) {
            due.add(state.removals().take());
        }
        return new RemovalTicket(disk, due);
    }

    /**
     * Ends the turn, syncs everything and writes what lets the next start read nothing. Blocking; no ticket may be out. If a
     * device fails on the way, its directory is left as after a crash.
     */
    @Override
    public void close() {
        close(SyncTicket.Spread.NONE);
    }

    /** As {@link #close()}, with help. */
    public void close(SyncTicket.Spread spread) {
        if (out != null || background != null) {
            throw new IllegalStateException("a ticket is out");
        }
        long nowMs = state.nowMs();
        writeStaged(nowMs);
        while (recoverNext(failure -> {})) {
            // an old journal is not to be needed after a clean stop
        }
        homes.forEach(home -> state.unsynced().addAll(home.journal().covered()));
        for (PartitionLog log : logs.values()) {
            try {
                log.state().tickets().prepareClose();
            } catch (StorageException e) {
                log.state().fence(e);
            }
        }
        SyncTicket ticket = endTurn(nowMs, true).ticket();
        if (!ticket.isEmpty()) {
            try {
                ticket.sync(spread);
                onSynced(ticket);
            } catch (StorageException e) {
                onSyncFailed(ticket, e);
            }
        }
        homes.forEach(this::closeHome);
        state.bench().files().closeAll();
    }

    private void closeHome(LogDirectory home) {
        boolean allSound = logs.values().stream()
                .filter(log -> log.state().home().equals(home))
                .allMatch(PartitionLog::isOnline);
        if (home.fault() != null || !allSound) {
            home.journal().close(false);
            return;
        }
        try {
            byte[] checkpoint = checkpoint(home).encode();
            DurableFile.write(disk, home.path().resolve(checkpointFile()), checkpoint);
            DurableFile.write(
                    disk,
                    home.path().resolve(ShardCheckpoint.cleanFile(state.config().shard())),
                    ShardCheckpoint.marker(checkpoint));
            home.journal().close(true);
        } catch (StorageException e) {
            home.fail(e); // no marker: the next start recovers
        }
    }
}
