// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** Chunks of one partition in one form, written one after the other. One thread at a time. */
final class ChunkWriter {

    /** What stands around a record alone in a chunk, or a little more. */
    private static final int AROUND_BYTES = 256;

    private static final int MOST_AT_FIRST = 1 << 20;
    private static final FrameBytes NOTHING = new FrameBytes(0);

    private final PartitionKey partition;
    private final Encoding encoding;
    private final boolean packed;

    /** Made with the first record of a chunk: most chunks are of one, and then it is of the right size. */
    private FrameBytes out = NOTHING;

    private Position from;
    private int count;
    private long bytes;
    private long timestampMs = -1;
    private int lastAt;

    ChunkWriter(PartitionKey partition, View view, Position from) {
        this.partition = partition;
        this.encoding = view.encoding();
        this.packed = view.isPacked();
        this.from = from;
    }

    /** Whether another record, of so many bytes, would be more than one chunk may hold. The first always fits. */
    boolean isFull(Credit.Grant grant, long size) {
        return count > 0 && (count >= grant.records() || bytes + size > grant.bytes());
    }

    /** @param size of its {@link #payload} */
    void add(Record record, long size) {
        begin(size);
        encoding.record(out, partition.partition(), record);
        count(record, size);
    }

    /** As {@link #add}, where another writer of the same encoding has just encoded the same record. */
    void copy(ChunkWriter other, Record record, long size) {
        begin(size);
        out.append(other.out, other.lastAt);
        count(record, size);
    }

    private void begin(long size) {
        if (count == 0) {
            out = new FrameBytes((int) Math.min(MOST_AT_FIRST, AROUND_BYTES + size));
            encoding.begin(out, partition.partition());
        } else {
            encoding.separate(out);
        }
        lastAt = out.size();
    }

    private void count(Record record, long size) {
        count++;
        bytes += size;
        timestampMs = record.timestamp();
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Encoded so far. */
    int size() {
        return out.size();
    }

    /** What was added since the last chunk; empty if that is nothing. */
    Chunk<Buffer> take(Position next) {
        Buffer body = count == 0
                ? Buffer.buffer()
                : encoding.end(out, partition.topicId(), partition.partition(), next, timestampMs, bytes);
        Chunk<Buffer> chunk = new Chunk<>(from, next, count, bytes, packed && count > 0 ? Deflate.packed(body) : body);
        out = NOTHING;
        from = next;
        count = 0;
        bytes = 0;
        return chunk;
    }

    /** Bytes of key, value, header names and header values. */
    static long payload(Record record) {
        long size = (long) Math.max(0, record.keySize()) + Math.max(0, record.valueSize());
        for (Header header : record.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
