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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * Turns stored batches into encoded chunks: decompresses, leaves out what is for nobody (records before the position, transaction markers,
 * records of aborted transactions), stops when the grant is used up.
 *
 * <p>Decompression goes record by record, so that a small batch that unpacks to gigabytes costs no more than what is granted. For one use, on
 * a worker: it computes for as long as there are bytes.
 */
public final class RecordDecoder {

    private final PartitionKey partition;
    private final View view;
    private final Credit.Grant grant;
    private final List<Chunk<Buffer>> chunks = new ArrayList<>(1);
    private final List<AbortedTransaction> aborted;
    private final Set<Long> aborting = new HashSet<>();
    private int abortedSeen;
    private JsonBytes out = new JsonBytes();
    private Position from;
    private Position next;
    private int count;
    private long bytes;
    private long timestampMs = -1;

    /**
     * @param from where the reader stands
     * @param grant how much one chunk may hold; a first record that is larger still comes
     * @param aborted as told by the read
     */
    public RecordDecoder(
            PartitionKey partition, View view, Position from, Credit.Grant grant, List<AbortedTransaction> aborted) {
        this.partition = partition;
        this.view = view;
        this.grant = grant;
        this.aborted = aborted;
        this.from = from;
        this.next = from;
    }

    /**
     * Decodes whole batches.
     *
     * @param maxChunks how many grants may be used up
     * @return in order, each beginning where the one before ended; empty if nothing moved on
     */
    public List<Chunk<Buffer>> decode(ByteBuffer batches, int maxChunks) {
        for (RecordBatch batch : MemoryRecords.readableRecords(batches).batches()) {
            if (batch.lastOffset() < from.offset()) {
                continue;
            }
            if (!isHidden(batch) && !decode(batch, maxChunks)) {
                return chunks;
            }
            next = new Position(batch.nextOffset(), batch.partitionLeaderEpoch());
        }
        if (next.offset() > from.offset()) {
            close();
        }
        return chunks;
    }

    /** False when no more chunks are wanted. */
    private boolean decode(RecordBatch batch, int maxChunks) {
        try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.create())) {
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() < next.offset()) {
                    continue;
                }
                if (!view.shows(record)) {
                    next = new Position(record.offset() + 1, batch.partitionLeaderEpoch());
                    continue;
                }
                long size = payload(record);
                if (count > 0 && (count >= grant.records() || bytes + size > grant.bytes())) {
                    close();
                    if (chunks.size() == maxChunks) {
                        return false;
                    }
                }
                view.encoding().record(out, partition.partition(), record);
                count++;
                bytes += size;
                timestampMs = record.timestamp();
                next = new Position(record.offset() + 1, batch.partitionLeaderEpoch());
            }
        }
        return true;
    }

    private void close() {
        Buffer body = count == 0
                ? Buffer.buffer()
                : view.encoding().end(out, partition.topicId(), partition.partition(), next, timestampMs, bytes);
        chunks.add(new Chunk<>(from.offset(), next, count, bytes, body));
        out = new JsonBytes();
        from = next;
        count = 0;
        bytes = 0;
    }

    private boolean isHidden(RecordBatch batch) {
        while (abortedSeen < aborted.size() && aborted.get(abortedSeen).firstOffset() <= batch.lastOffset()) {
            aborting.add(aborted.get(abortedSeen++).producerId());
        }
        if (batch.isControlBatch()) {
            if (isAbort(batch)) {
                aborting.remove(batch.producerId());
            }
            return true;
        }
        return batch.isTransactional() && aborting.contains(batch.producerId());
    }

    private static boolean isAbort(RecordBatch batch) {
        for (Record marker : batch) {
            return ControlRecordType.parse(marker.key()) == ControlRecordType.ABORT;
        }
        return false;
    }

    private static long payload(Record record) {
        long size = (long) Math.max(0, record.keySize()) + Math.max(0, record.valueSize());
        for (Header header : record.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
