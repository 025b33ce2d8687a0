// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What one read of the log brought, for readers who open batches themselves: looks at their headers and at nothing else, and gives out pieces of
 * the very bytes, in the form of {@link BinaryFrames}. However many readers there are, the batches are in memory once.
 *
 * <p>A batch comes whole: to a reader who stands in the middle of it, and to one who is granted less than it holds. Left out are batches with
 * nothing in them for readers of committed records: markers, aborted transactions, and what compaction has emptied.
 */
final class StoredBatches {

    private static final Buffer NOTHING = Buffer.buffer(0);

    private final PartitionKey partition;
    private final Position from;
    private final ByteBuffer bytes;
    private final List<Batch> batches = new ArrayList<>();

    /**
     * @param next behind its last offset
     * @param records for readers; 0 if it is left out
     * @param start in the bytes of the read
     * @param end likewise, exclusive
     */
    private record Batch(long baseOffset, Position next, int records, long timestampMs, int start, int end) {

        int sizeBytes() {
            return end - start;
        }
    }

    /**
     * @param bytes whole batches of format 2, which is what the log holds; kept, and not to be changed any more
     * @param from where the log was read
     * @param aborted as told by the read
     * @param until batches that reach further, and those behind them, are as if not there
     */
    StoredBatches(
            PartitionKey partition, ByteBuffer bytes, Position from, List<AbortedTransaction> aborted, long until) {
        this.partition = partition;
        this.from = from;
        this.bytes = bytes;
        Committed committed = new Committed(aborted);
        int start = bytes.position();
        for (RecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            if (batch.nextOffset() > until) {
                break;
            }
            int end = start + batch.sizeInBytes();
            if (batch.lastOffset() >= from.offset()) {
                Position next = new Position(batch.nextOffset(), batch.partitionLeaderEpoch());
                int records = committed.hides(batch) ? 0 : batch.countOrNull();
                batches.add(new Batch(batch.baseOffset(), next, records, batch.maxTimestamp(), start, end));
            }
            start = end;
        }
    }

    /**
     * A piece for each of some who are behind, wherever in the batches they stand. As in {@link BacklogDecoder}, only the first one's place was
     * checked against the log; who believes in another epoch than the log has at its place gets nothing.
     *
     * @param readers none before {@code from}; those that stand there believe in its epoch, or in none
     */
    static BacklogDecoder.Pass forAll(
            PartitionKey partition,
            Collection<Reader> readers,
            Position from,
            List<AbortedTransaction> aborted,
            ByteBuffer bytes) {
        StoredBatches stored = new StoredBatches(partition, bytes, from, aborted, Long.MAX_VALUE);
        Map<Reader, Chunk<Buffer>> chunks = new LinkedHashMap<>();
        for (Reader reader : readers) {
            if (reader.from().offset() < stored.end().offset() && stored.confirms(reader.from())) {
                chunks.put(reader, stored.take(reader.from(), reader.grant()));
            }
        }
        return new BacklogDecoder.Pass(stored.end(), chunks);
    }

    /** Behind the last batch; where the log was read if there is none. */
    Position end() {
        return batches.isEmpty() ? from : batches.get(batches.size() - 1).next;
    }

    /** Whether the log was last written before this place in the epoch that the reader believes in. */
    private boolean confirms(Position at) {
        if (at.leaderEpoch() == Position.NO_EPOCH || at.offset() == from.offset()) {
            return true;
        }
        int index = indexOf(at.offset());
        if (batches.get(index).baseOffset < at.offset()) {
            return batches.get(index).next.leaderEpoch() == at.leaderEpoch();
        }
        Position before = index == 0 ? from : batches.get(index - 1).next;
        return before.leaderEpoch() == at.leaderEpoch();
    }

    /** Of the first batch that reaches this offset or further. */
    private int indexOf(long offset) {
        int low = 0;
        int high = batches.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (batches.get(middle).next.offset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * The batches from this place on, as many as may be sent together; empty if none is left that is for readers.
     *
     * @param grant how much the chunk may hold; a first batch that is larger still comes
     */
    Chunk<Buffer> take(Position at, Credit.Grant grant) {
        List<Batch> taken = new ArrayList<>();
        Position next = at;
        long records = 0;
        long size = 0;
        for (int i = indexOf(at.offset()); i < batches.size(); i++) {
            Batch batch = batches.get(i);
            if (batch.records > 0) {
                boolean fits = records + batch.records <= grant.records() && size + batch.sizeBytes() <= grant.bytes();
                if (!fits && !taken.isEmpty()) {
                    break;
                }
                taken.add(batch);
                records += batch.records;
                size += batch.sizeBytes();
            }
            next = batch.next;
        }
        Buffer body = taken.isEmpty() ? NOTHING : body(taken, next, records, size);
        return new Chunk<>(at, next, (int) records, size, body);
    }

    private Buffer body(List<Batch> taken, Position next, long records, long size) {
        ResumeToken.Mark mark =
                new ResumeToken.Mark(partition.partition(), next, taken.get(taken.size() - 1).timestampMs);
        Buffer front = new FrameBytes(128)
                .varint(partition.partition())
                .varint(next.offset())
                .varint(records)
                .blobText(new ResumeToken(partition.topicId(), List.of(mark))
                        .text()
                        .getBytes(StandardCharsets.US_ASCII))
                .varint(size)
                .take();
        List<ByteBuf> parts = new ArrayList<>();
        parts.add(((BufferInternal) front).getByteBuf());
        for (int first = 0; first < taken.size(); ) {
            int last = first;
            while (last + 1 < taken.size() && taken.get(last + 1).start == taken.get(last).end) {
                last++;
            }
            int start = taken.get(first).start;
            parts.add(Unpooled.wrappedBuffer(bytes.slice(start, taken.get(last).end - start)));
            first = last + 1;
        }
        return BufferInternal.buffer(Unpooled.wrappedBuffer(parts.toArray(ByteBuf[]::new)));
    }
}
