// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.Record;

/**
 * Turns stored batches into one chunk with the last record of each key, in the order of their offsets. Stops where another key would be more than
 * the grant, so it keeps no more than that. Records without a key count as records of one. For one use, on a worker.
 */
public final class ConflatingDecoder {

    private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final View view;
    private final Credit.Grant grant;
    private final Position start;
    private final BatchScan scan;
    private final ChunkWriter writer;
    private final Map<ByteBuffer, Kept> latest = new LinkedHashMap<>();
    private long bytes;

    private record Kept(Record record, long size) {}

    /**
     * @param from where the reader stands
     * @param grant how much the chunk may hold; a first record that is larger still comes
     * @param aborted as told by the read
     */
    public ConflatingDecoder(
            PartitionKey partition, View view, Position from, Credit.Grant grant, List<AbortedTransaction> aborted) {
        this.view = view;
        this.grant = grant;
        this.start = from;
        this.scan = new BatchScan(from, aborted);
        this.writer = new ChunkWriter(partition, view, from);
    }

    /** One chunk; empty if nothing moved on. */
    public List<Chunk<Buffer>> decode(ByteBuffer batches) {
        scan.run(batches, this::take);
        if (scan.position().offset() == start.offset()) {
            return List.of();
        }
        latest.values().forEach(kept -> writer.add(kept.record, kept.size));
        return List.of(writer.take(scan.position()));
    }

    private boolean take(Record record) {
        if (!view.shows(record)) {
            return true;
        }
        ByteBuffer key = record.hasKey() ? record.key() : NO_KEY;
        Kept before = latest.get(key);
        long size = ChunkWriter.payload(record);
        long after = bytes + size - (before == null ? 0 : before.size);
        int others = latest.size() - (before == null ? 0 : 1);
        if (others > 0 && (others >= grant.records() || after > grant.bytes())) {
            return false;
        }
        latest.remove(key);
        latest.put(key, new Kept(record, size));
        bytes = after;
        return true;
    }
}
