// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.FileLogInputStream;
import org.apache.kafka.common.record.internal.FileRecords;

/** Bytes of a closed segment that are not what was written, as a disk may spoil them. It is remembered what they were, and what they became. */
final class Rot {

    private static final int BLOCK_BYTES = 4_096;

    /** Base offset, length and leader epoch of a batch: no checksum covers them. */
    private static final int UNCOVERED_BYTES = 16;

    private final Path file;
    private final String what;
    private final NavigableMap<Long, Byte> original;
    private final NavigableMap<Long, Byte> spoiled = new TreeMap<>();

    private Rot(Path file, String what, NavigableMap<Long, Byte> original) throws IOException {
        this.file = file;
        this.what = what;
        this.original = original;
        byte[] now = Files.readAllBytes(file);
        original.keySet().forEach(at -> spoiled.put(at, now[at.intValue()]));
    }

    /** Some bits anywhere, one bit at the beginning of a batch, or a block of zeros in place of a batch. */
    static Rot spoil(Path file, Random random) throws IOException {
        NavigableMap<Long, Byte> original = new TreeMap<>();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    for (int i = 0; i < 3; i++) {
                        flip(bytes, random.nextLong(bytes.length()), random, original);
                    }
                    return new Rot(file, "bits at " + original.keySet(), original);
                }
                case 1 -> {
                    List<Long> batches = batches(file);
                    long at = batches.get(random.nextInt(batches.size())) + random.nextInt(UNCOVERED_BYTES);
                    flip(bytes, at, random, original);
                    return new Rot(file, "a bit of the head of a batch, at " + at, original);
                }
                default -> {
                    List<Long> batches = batches(file);
                    long from = batches.get(random.nextInt(batches.size()));
                    for (long at = from; at < Math.min(from + BLOCK_BYTES, bytes.length()); at++) {
                        write(bytes, at, (byte) 0, original);
                    }
                    return new Rot(file, "zeros from " + from + " on", original);
                }
            }
        }
    }

    private static void flip(RandomAccessFile bytes, long at, Random random, NavigableMap<Long, Byte> original)
            throws IOException {
        bytes.seek(at);
        write(bytes, at, (byte) (bytes.read() ^ 1 << random.nextInt(8)), original);
    }

    private static void write(RandomAccessFile bytes, long at, byte value, NavigableMap<Long, Byte> original)
            throws IOException {
        bytes.seek(at);
        original.putIfAbsent(at, bytes.readByte());
        bytes.seek(at);
        bytes.write(value);
    }

    /** Where batches begin; without the last, of which a leader epoch that has grown is no contradiction until more is closed. */
    private static List<Long> batches(Path file) throws IOException {
        List<Long> positions = new ArrayList<>();
        try (FileRecords records = FileRecords.open(file.toFile(), false)) {
            for (FileLogInputStream.FileChannelRecordBatch batch : records.batches()) {
                positions.add((long) batch.position());
            }
        }
        return positions.size() == 1 ? positions : positions.subList(0, positions.size() - 1);
    }

    /**
     * Whether what was spoiled is not there any more: it is gone, or has been copied from another replica, or is about to be, or was never
     * committed, and something else stands in its place.
     */
    boolean isGone() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            return holds(bytes, original) || !holds(bytes, spoiled);
        } catch (FileNotFoundException none) {
            return !Files.exists(file);
        }
    }

    /** As far as the file goes. */
    private static boolean holds(RandomAccessFile bytes, NavigableMap<Long, Byte> expected) throws IOException {
        for (var it : expected.headMap(bytes.length()).entrySet()) {
            bytes.seek(it.getKey());
            if (bytes.read() != (it.getValue() & 0xff)) {
                return false;
            }
        }
        return true;
    }

    boolean isIn(Path segment) {
        return file.equals(segment);
    }

    boolean isUnder(Path data) {
        return file.startsWith(data);
    }

    /** All but the newest of each partition of the topic; none while there is no such partition. */
    static List<Path> closedSegments(Path data, String topic) throws IOException {
        List<Path> closed = new ArrayList<>();
        for (Path folder : files(data)) {
            if (folder.getFileName().toString().matches(topic + "-[0-9]+")) {
                List<Path> segments = files(folder).stream()
                        .filter(it -> it.toString().endsWith(".log"))
                        .toList();
                for (Path segment : segments.subList(0, Math.max(0, segments.size() - 1))) {
                    if (Files.size(segment) > 0) {
                        closed.add(segment);
                    }
                }
            }
        }
        return closed;
    }

    /** Sorted; the names of segments are as wide as each other. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (NoSuchFileException gone) {
            return List.of();
        }
    }

    @Override
    public String toString() {
        return file + " (" + what + ")";
    }
}
