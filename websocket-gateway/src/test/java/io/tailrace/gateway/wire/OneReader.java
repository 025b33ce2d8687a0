// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.BacklogDecoder.Pass;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads for one reader alone, chunk after chunk: what it gets in company is compared with that. */
record OneReader(
        PartitionKey partition, View view, Position from, Credit.Grant grant, List<AbortedTransaction> aborted) {

    /** At most so many chunks. */
    List<Chunk<Buffer>> decode(ByteBuffer batches, int maxChunks) {
        List<Chunk<Buffer>> chunks = new ArrayList<>();
        Position at = from;
        while (chunks.size() < maxChunks) {
            Reader reader = new Reader(view, at, grant);
            Pass pass = new BacklogDecoder(partition, Set.of(reader), at, aborted).decode(batches.duplicate());
            Chunk<Buffer> chunk = pass.chunks().get(reader);
            if (chunk == null) {
                break;
            }
            chunks.add(chunk);
            at = chunk.next();
        }
        return chunks;
    }
}
