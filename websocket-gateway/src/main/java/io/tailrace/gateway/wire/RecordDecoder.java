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
import java.util.List;
import org.apache.kafka.common.record.internal.Record;

/**
 * Turns stored batches into encoded chunks for one reader; stops when the grant is used up. For one use, on a worker: it computes for as long
 * as there are bytes.
 */
public final class RecordDecoder {

    private final View view;
    private final Credit.Grant grant;
    private final List<Chunk<Buffer>> chunks = new ArrayList<>(1);
    private final BatchScan scan;
    private final ChunkWriter writer;
    private final Position start;

    /**
     * @param from where the reader stands
     * @param grant how much one chunk may hold; a first record that is larger still comes
     * @param aborted as told by the read
     */
    public RecordDecoder(
            PartitionKey partition, View view, Position from, Credit.Grant grant, List<AbortedTransaction> aborted) {
        this.view = view;
        this.grant = grant;
        this.start = from;
        this.scan = new BatchScan(from, aborted);
        this.writer = new ChunkWriter(partition, view.encoding(), from);
    }

    /**
     * Decodes whole batches.
     *
     * @param maxChunks how many grants may be used up
     * @return in order, each beginning where the one before ended; empty if nothing moved on
     */
    public List<Chunk<Buffer>> decode(ByteBuffer batches, int maxChunks) {
        boolean whole = scan.run(batches, record -> take(record, maxChunks));
        if (whole && scan.position().offset() > start.offset()) {
            chunks.add(writer.take(scan.position()));
        }
        return chunks;
    }

    private boolean take(Record record, int maxChunks) {
        if (view.shows(record)) {
            long size = ChunkWriter.payload(record);
            if (writer.isFull(grant, size)) {
                chunks.add(writer.take(scan.position()));
                if (chunks.size() == maxChunks) {
                    return false;
                }
            }
            writer.add(record, size);
        }
        return true;
    }
}
