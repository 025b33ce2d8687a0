// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns stored batches into a chunk for each of many readers that are behind, wherever in the batches they stand: unpacks each record once, finds
 * those who ask for its key by the key, and encodes it once for each encoding. For one use, on a worker.
 *
 * <p>What comes of one pass is bounded, as of a pass for those at the end ({@link SharedDecoder}).
 *
 * <p>Only the first reader's position was checked against the log. Another's is taken for true if the log, at that place, was last written in the
 * epoch that the reader believes in: there is one log of an epoch. Who fails that gets nothing here, and has to be read for alone.
 */
public final class BacklogDecoder {

    /** Encoded bytes after which a pass takes no further record. */
    static final int PASS_BYTES = 1 << 20;

    /** Encoded bytes that a pass never exceeds by more than one record. */
    static final int MOST_BYTES = 8 << 20;

    private static final Buffer NOTHING = Buffer.buffer(0);

    private final PartitionKey partition;
    private final BatchScan scan;
    private final List<Sink> sinks = new ArrayList<>();
    private final Map<ByteBuffer, List<Sink>> byKey = new HashMap<>();
    private final List<Sink> others = new ArrayList<>();
    private final Map<Encoding, ChunkWriter> encoded = new EnumMap<>(Encoding.class);

    /** How many of the sinks the scan has come to. */
    private int reached;

    /** Of those, how many have room. */
    private int open;

    private long bytes;

    /**
     * Somebody who is behind. A value: what equal ones get is the same.
     *
     * @param grant how much the chunk may hold; a first record that is larger still comes
     */
    public record Reader(View view, Position from, Credit.Grant grant) {}

    private static final class Sink {
        private final Reader reader;
        private @Nullable ChunkWriter writer;
        private boolean trusted;

        /** Where it was left, if it was before the end. */
        private @Nullable Position stop;

        Sink(Reader reader) {
            this.reader = reader;
        }

        long offset() {
            return reader.from.offset();
        }
    }

    /**
     * @param readers none before {@code from}; those that stand there believe in its epoch, or in none
     * @param from where the log was read, of the first of them
     */
    BacklogDecoder(
            PartitionKey partition, Collection<Reader> readers, Position from, List<AbortedTransaction> aborted) {
        this.partition = partition;
        this.scan = new BatchScan(from, aborted);
        readers.forEach(reader -> sinks.add(new Sink(reader)));
        sinks.sort(Comparator.comparingLong(Sink::offset));
    }

    /**
     * What one pass brought.
     *
     * @param next how far it came; where it began if the batches hold nothing that was asked for
     * @param chunks from where each reader stands, maybe without a record; nothing for those that did not get on
     */
    public record Pass(Position next, Map<Reader, Chunk<Buffer>> chunks) {}

    /**
     * Unpacks batches for readers who want records, or gives them out as they are to readers who want that: all of them, or none.
     *
     * @param readers as in {@link #BacklogDecoder}
     */
    public static Pass decode(
            PartitionKey partition,
            Collection<Reader> readers,
            Position from,
            List<AbortedTransaction> aborted,
            ByteBuffer batches) {
        return readers.iterator().next().view.showsBatches()
                ? StoredBatches.forAll(partition, readers, from, aborted, batches)
                : new BacklogDecoder(partition, readers, from, aborted).decode(batches);
    }

    Pass decode(ByteBuffer batches) {
        scan.run(batches, this::take);
        Position end = scan.position();
        reach(end, end.offset() - 1);
        Map<Reader, Chunk<Buffer>> chunks = new LinkedHashMap<>();
        for (Sink sink : sinks) {
            Position next = sink.stop == null ? end : sink.stop;
            if (sink.trusted && next.offset() > sink.offset()) {
                chunks.put(sink.reader, chunk(sink, next));
            }
        }
        return new Pass(end, chunks);
    }

    private static Chunk<Buffer> chunk(Sink sink, Position next) {
        return sink.writer == null ? new Chunk<>(sink.reader.from, next, 0, 0, NOTHING) : sink.writer.take(next);
    }

    private boolean take(Record record) {
        reach(scan.position(), record.offset());
        if (bytes >= PASS_BYTES || (open == 0 && reached == sinks.size())) {
            return false;
        }
        long size = ChunkWriter.payload(record);
        encoded.clear();
        for (Sink sink : others) {
            offer(sink, record, size);
        }
        @Nullable ByteBuffer key = byKey.isEmpty() ? null : record.key();
        if (key != null) {
            for (Sink sink : byKey.getOrDefault(key, List.of())) {
                offer(sink, record, size);
            }
        }
        return true;
    }

    /** Takes in those who stand at this offset or before. @param at how far the scan has come */
    private void reach(Position at, long offset) {
        while (reached < sinks.size() && sinks.get(reached).offset() <= offset) {
            Sink sink = sinks.get(reached++);
            int epoch = sink.reader.from.leaderEpoch();
            sink.trusted = epoch == Position.NO_EPOCH || epoch == at.leaderEpoch();
            if (sink.trusted) {
                open++;
                ByteBuffer key = sink.reader.view.filter().key();
                (key == null ? others : byKey.computeIfAbsent(key, it -> new ArrayList<>(1))).add(sink);
            }
        }
    }

    private void offer(Sink sink, Record record, long size) {
        if (sink.stop != null || !sink.reader.view.shows(record)) {
            return;
        }
        ChunkWriter writer = sink.writer;
        if (bytes >= MOST_BYTES || (writer != null && writer.isFull(sink.reader.grant, size))) {
            sink.stop = scan.position();
            open--;
            return;
        }
        Encoding encoding = sink.reader.view.encoding();
        if (writer == null) {
            writer = new ChunkWriter(partition, sink.reader.view, sink.reader.from);
            sink.writer = writer;
        }
        int before = writer.size();
        ChunkWriter same = encoded.putIfAbsent(encoding, writer);
        if (same == null) {
            writer.add(record, size);
        } else {
            writer.copy(same, record, size);
        }
        bytes += writer.size() - before;
    }
}
