// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.Disk;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.recovery.DurableFile;
import io.tailrace.log.recovery.ShardCheckpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The log directories ({@code log.dirs}) of a node as they were found at its start: which partitions are in them, and what the
 * last process wrote down about them. Opened once per process, before its shards, which then take their partitions from it;
 * immutable after that, so shards may open from it in parallel. The number of shards may change from start to start.
 */
public final class LogDirectories {

    /** What marks a partition's directory that only waits for its removal. */
    static final String DELETE_SUFFIX = "-delete";

    /** Checkpoints a shard may write between two starts before their sequences meet: one each second for 35,000 years. */
    private static final long SEQUENCES = 1L << 40;

    /** What marks a partition's directory that no one claims; Kafka's word. It is never removed. */
    static final String STRAY_SUFFIX = "-stray";

    private static final String SEQUENCE_FILE = "checkpoint-sequence";

    private static final Pattern PARTITION = Pattern.compile("(.+)-(\\d{1,9})");

    /**
     * @param entry what was written down; null if nothing was
     * @param sequence of the checkpoint it was written in
     */
    record Found(TopicPartition partition, ShardCheckpoint.@Nullable Entry entry, long sequence, boolean isClean) {}

    /**
     * One directory: its partitions, or why it cannot be used.
     *
     * @param missing names that checkpoints speak of, and that are not there
     * @param isWhole whether checkpoints are there, and all of them can be read
     */
    record Listing(
            Path path,
            List<Found> partitions,
            List<String> deleted,
            List<TopicPartition> missing,
            boolean isWhole,
            OldJournals journals,
            @Nullable StorageException fault) {
        static Listing unusable(Path path, StorageException fault) {
            return new Listing(path, List.of(), List.of(), List.of(), false, OldJournals.NONE, fault);
        }
    }

    private final Disk disk;
    private final List<Listing> listings;
    private final long firstSequence;

    private LogDirectories(Disk disk, List<Listing> listings, long firstSequence) {
        this.disk = disk;
        this.listings = List.copyOf(listings);
        this.firstSequence = firstSequence;
    }

    /**
     * Reads the directories, creating those that are missing, and takes away the markers of a clean stop. A directory that
     * fails is offline; its partitions are not known.
     *
     * @throws StorageException if none is left
     */
    public static LogDirectories open(Disk disk, List<Path> directories) {
        List<Listing> listings = new ArrayList<>();
        long sequence = 0;
        for (Path path : directories) {
            try {
                Checkpoints checkpoints = Checkpoints.read(disk, path);
                listings.add(list(disk, path, checkpoints));
                sequence = Math.max(sequence, checkpoints.lastSequence);
            } catch (StorageException e) {
                listings.add(Listing.unusable(path, e));
            }
        }
        requireOne(listings);
        long first = (sequence / SEQUENCES + 1) * SEQUENCES;
        for (int i = 0; i < listings.size(); i++) {
            Listing listing = listings.get(i);
            if (listing.fault == null) {
                listings.set(i, begin(disk, listing, first));
            }
        }
        requireOne(listings); // a full disk takes no sequence
        return new LogDirectories(disk, listings, first);
    }

    private static void requireOne(List<Listing> listings) {
        Optional<StorageException> fault = listings.stream()
                .flatMap(l -> Optional.ofNullable(l.fault).stream())
                .findFirst();
        if (fault.isPresent() && listings.stream().allMatch(listing -> listing.fault != null)) {
            throw fault.get();
        }
    }

    public Disk disk() {
        return disk;
    }

    public List<Path> directories() {
        return listings.stream().map(Listing::path).toList();
    }

    /** The directories that cannot be used, and why. */
    public Map<Path, StorageException> failures() {
        Map<Path, StorageException> failures = new LinkedHashMap<>();
        for (Listing listing : listings) {
            StorageException fault = listing.fault;
            if (fault != null) {
                failures.put(listing.path, fault);
            }
        }
        return failures;
    }

    List<Listing> listings() {
        return listings;
    }

    /** Greater than the sequence of any checkpoint found, so that the latest can be told. */
    long firstSequence() {
        return firstSequence;
    }

    /** Writes down that the sequences from {@code first} on are taken, though no checkpoint of this start may ever be. */
    private static Listing begin(Disk disk, Listing listing, long first) {
        try {
            DurableFile.write(
                    disk,
                    listing.path.resolve(SEQUENCE_FILE),
                    Long.toString(first).getBytes(StandardCharsets.US_ASCII));
            return listing;
        } catch (StorageException e) {
            return Listing.unusable(listing.path, e);
        }
    }

    private static Listing list(Disk disk, Path path, Checkpoints checkpoints) {
        List<Found> partitions = new ArrayList<>();
        List<String> deleted = new ArrayList<>();
        for (String name : disk.list(path)) {
            Matcher matcher = PARTITION.matcher(name);
            if (name.endsWith(DELETE_SUFFIX)) {
                deleted.add(name);
            } else if (matcher.matches() && disk.isDirectory(path.resolve(name))) {
                var partition = new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2)));
                partitions.add(new Found(
                        partition,
                        checkpoints.entries.get(partition),
                        checkpoints.sequences.getOrDefault(partition, 0L),
                        checkpoints.clean.containsKey(partition)));
            }
        }
        int unclean =
                (int) partitions.stream().filter(found -> !found.isClean()).count();
        Set<TopicPartition> missing = new LinkedHashSet<>(checkpoints.entries.keySet());
        partitions.forEach(found -> missing.remove(found.partition()));
        return new Listing(
                path,
                partitions,
                deleted,
                List.copyOf(missing),
                checkpoints.isWhole,
                OldJournals.read(disk, path, unclean),
                null);
    }

    /** What all shards of the last session, and of earlier ones with other shards, wrote down in one directory. */
    private static final class Checkpoints {

        private static long number(byte[] content) {
            try {
                return Long.parseLong(new String(content, StandardCharsets.US_ASCII).trim());
            } catch (NumberFormatException e) {
                return 0; // the checkpoints' own sequences remain
            }
        }

        private final Map<TopicPartition, ShardCheckpoint.Entry> entries = new LinkedHashMap<>();
        private final Map<TopicPartition, Long> sequences = new LinkedHashMap<>();
        private final Map<TopicPartition, Boolean> clean = new LinkedHashMap<>();
        private long lastSequence;
        private boolean isWhole = true;

        static Checkpoints read(Disk disk, Path path) {
            disk.createDirectories(path);
            Checkpoints all = new Checkpoints();
            List<ShardCheckpoint> sessions = new ArrayList<>();
            Map<ShardCheckpoint, Boolean> vouched = new LinkedHashMap<>();
            all.lastSequence = DurableFile.read(disk, path.resolve(SEQUENCE_FILE))
                    .map(Checkpoints::number)
                    .orElse(0L);
            boolean removed = false;
            for (String name : disk.list(path)) {
                if (!name.startsWith(ShardCheckpoint.PREFIX) || !name.endsWith(ShardCheckpoint.SUFFIX)) {
                    continue;
                }
                byte[] content = DurableFile.read(disk, path.resolve(name)).orElse(new byte[0]);
                Path marker = path.resolve(name.substring(0, name.length() - ShardCheckpoint.SUFFIX.length())
                        + ShardCheckpoint.CLEAN_SUFFIX);
                boolean isClean = DurableFile.read(disk, marker)
                        .filter(vouching -> Arrays.equals(vouching, ShardCheckpoint.marker(content)))
                        .isPresent();
                removed |= disk.delete(marker);
                Optional<ShardCheckpoint> decoded = ShardCheckpoint.decode(content);
                all.isWhole &= decoded.isPresent();
                decoded.ifPresent(checkpoint -> {
                    sessions.add(checkpoint);
                    vouched.put(checkpoint, isClean);
                });
            }
            if (removed) {
                disk.syncDirectory(path);
            }
            all.isWhole &= !sessions.isEmpty();
            sessions.sort((left, right) -> Long.compare(left.sequence(), right.sequence()));
            for (ShardCheckpoint checkpoint : sessions) {
                boolean isClean = Boolean.TRUE.equals(vouched.get(checkpoint));
                for (ShardCheckpoint.Entry entry : checkpoint.entries()) {
                    all.entries.put(entry.partition(), entry);
                    all.sequences.put(entry.partition(), checkpoint.sequence());
                    all.clean.remove(entry.partition());
                    if (isClean && entry.endOffset() != LogPosition.UNKNOWN) {
                        all.clean.put(entry.partition(), true);
                    }
                }
                all.lastSequence = Math.max(all.lastSequence, checkpoint.sequence());
            }
            return all;
        }
    }
}
