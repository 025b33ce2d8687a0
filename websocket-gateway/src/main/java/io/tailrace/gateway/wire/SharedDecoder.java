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
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns stored batches into chunks for all views at once: unpacks each record once, and encodes it once for each encoding; or not at all, if all
 * that look want the batches as they are.
 *
 * <p>What comes of one pass is bounded: it ends early when enough is encoded, and if a single record is wanted in too many ways, the last of
 * them do not get it and are told where they were left. For one use, on a worker.
 */
public final class SharedDecoder {

    /** Encoded bytes after which a pass takes no further record. */
    static final int PASS_BYTES = 1 << 20;

    /** Encoded bytes that a pass never exceeds by more than one record. */
    static final int MOST_BYTES = 16 << 20;

    private final PartitionKey partition;
    private final Interests interests;
    private final Credit.Grant chunk;
    private final Position from;
    private final BatchScan scan;
    private final List<AbortedTransaction> aborted;
    private final Map<View, Output> outputs = new LinkedHashMap<>();
    private final Map<View, Position> left = new HashMap<>();
    private final Map<Encoding, ChunkWriter> encoded = new EnumMap<>(Encoding.class);
    private long bytes;

    /** @param chunk how much one chunk may hold; a first record that is larger still comes */
    public SharedDecoder(
            PartitionKey partition,
            Interests interests,
            Position from,
            Credit.Grant chunk,
            List<AbortedTransaction> aborted) {
        this.partition = partition;
        this.interests = interests;
        this.from = from;
        this.chunk = chunk;
        this.aborted = aborted;
        this.scan = new BatchScan(from, aborted);
    }

    /**
     * What one pass brought.
     *
     * @param next how far it came, for everybody but those in {@code left}; where it began if nothing moved on
     * @param chunks by view, in offset order; nothing for views that show none of the records
     * @param left views that were given up, and how far they came
     */
    public record Pass(Position next, Map<View, List<Chunk<Buffer>>> chunks, Map<View, Position> left) {}

    /** What there is for one view: most often one chunk. */
    private static final class Output {
        private final ChunkWriter writer;
        private @Nullable List<Chunk<Buffer>> full;

        Output(ChunkWriter writer) {
            this.writer = writer;
        }

        void take(Position next) {
            if (full == null) {
                full = new ArrayList<>(2);
            }
            full.add(writer.take(next));
        }

        /** @param next behind the last chunk */
        List<Chunk<Buffer>> end(Position next) {
            List<Chunk<Buffer>> before = full;
            if (before == null) {
                return List.of(writer.take(next));
            }
            if (!writer.isEmpty()) {
                before.add(writer.take(next));
            }
            return before;
        }
    }

    /** @param batches of the log; those who want them as they are keep them */
    public Pass decode(ByteBuffer batches) {
        boolean forwards = interests.wantBatches();
        if (forwards && !interests.wantRecords()) {
            StoredBatches stored = new StoredBatches(partition, batches, from, aborted, Long.MAX_VALUE);
            return new Pass(stored.end(), forward(stored), left);
        }
        scan.run(batches, this::take);
        Position next = scan.position();
        Map<View, List<Chunk<Buffer>>> chunks = LinkedHashMap.newLinkedHashMap(outputs.size() + 1);
        outputs.forEach((view, output) -> chunks.put(view, output.end(left.getOrDefault(view, next))));
        if (forwards) {
            StoredBatches stored = new StoredBatches(partition, batches, from, aborted, next.offset());
            chunks.putAll(forward(stored));
            if (stored.end().offset() < next.offset()) {
                left.put(View.STORED, stored.end()); // the pass ends within a batch, and that comes whole or not at all
            }
        }
        return new Pass(next, chunks, left);
    }

    private Map<View, List<Chunk<Buffer>>> forward(StoredBatches stored) {
        List<Chunk<Buffer>> pieces = new ArrayList<>();
        for (Position at = from; at.offset() < stored.end().offset(); ) {
            Chunk<Buffer> piece = stored.take(at, chunk);
            if (!piece.isEmpty()) {
                pieces.add(piece);
            }
            at = piece.next();
        }
        return pieces.isEmpty() ? Map.of() : Map.of(View.STORED, pieces);
    }

    private boolean take(Record record) {
        if (bytes >= PASS_BYTES) {
            return false;
        }
        long size = ChunkWriter.payload(record);
        encoded.clear();
        interests.forEach(record, view -> give(view, record, size));
        return true;
    }

    private void give(View view, Record record, long size) {
        if (bytes >= MOST_BYTES) {
            left.putIfAbsent(view, scan.position());
            return;
        }
        Output output = outputs.computeIfAbsent(view, it -> new Output(new ChunkWriter(partition, it, from)));
        ChunkWriter writer = output.writer;
        if (writer.isFull(chunk, size)) {
            output.take(scan.position());
        }
        int before = writer.size();
        ChunkWriter same = encoded.putIfAbsent(view.encoding(), writer);
        if (same == null) {
            writer.add(record, size);
        } else {
            writer.copy(same, record, size);
        }
        bytes += writer.size() - before;
    }
}
