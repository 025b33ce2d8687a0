// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.SubscriptionMachine;
import io.tailrace.gateway.wire.View;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The end of a partition, read once for all on this event loop that stand there: one waiting read, one decoding, one encoding, however many
 * they are. Each of them costs a write, and nothing in between.
 *
 * <p>A tail has no memory. Who cannot take a chunk leaves, reads for itself from where it stands, and is back when it stands at the end again.
 * A tail whose read fails sends everybody away; their own reads find out why.
 */
final class Tail {

    /** What one shared read brings at most; the first batch comes whole. */
    private static final int READ_BYTES = 256 * 1024;

    /** Unpacked, a read brings at most this many chunks; the rest is read again. */
    private static final int CHUNKS = 16;

    private static final long WAIT_MS = 30_000;

    private static final Credit.Grant CHUNK =
            new Credit.Grant(SubscriptionMachine.READ_RECORDS, SubscriptionMachine.READ_BYTES);

    private final LogReads reads;
    private final PartitionKey partition;
    private final View view;
    private final Runnable onClose;
    private final Set<TailMember> members = new LinkedHashSet<>();
    private Position position;
    private ReadGate gate = new ReadGate(1);
    private boolean serving;
    private boolean closed;

    Tail(LogReads reads, PartitionKey partition, View view, Position position, Runnable onClose) {
        this.reads = reads;
        this.partition = partition;
        this.view = view;
        this.position = position;
        this.onClose = onClose;
    }

    /** False if the tail is past the position already. */
    boolean join(TailMember member, Position at) {
        if (at.offset() < position.offset()) {
            return false;
        }
        members.add(member);
        return true;
    }

    void leave(TailMember member) {
        members.remove(member);
        if (members.isEmpty() && !serving) {
            close();
        }
    }

    void read() {
        gate = new ReadGate(1);
        reads.ask(partition, position, gate, System.currentTimeMillis() + WAIT_MS, READ_BYTES)
                .compose(this::decode)
                .onSuccess(this::serve)
                .onFailure(failure -> {
                    LogReads.unavailable(partition, failure);
                    sendAway();
                });
    }

    /** Nothing new comes as no chunk at all; what only a reader of its own can cope with, as a failure. */
    private Future<List<Chunk<Buffer>>> decode(Read.Result result) {
        if (closed) {
            result.records().release();
            return Future.succeededFuture(List.of());
        }
        if (result.error() != org.apache.kafka.common.protocol.Errors.NONE || result.diverging() != null) {
            result.records().release();
            sendAway();
            return Future.succeededFuture(List.of());
        }
        return result.records().isEmpty()
                ? Future.succeededFuture(List.of())
                : reads.decode(partition, position, CHUNK, view, result, CHUNKS).onSuccess(chunks -> {
                    if (chunks.isEmpty()) {
                        sendAway(); // it does not get on; readers of their own try less often
                    }
                });
    }

    private void serve(List<Chunk<Buffer>> chunks) {
        if (closed) {
            return;
        }
        serving = true;
        for (Chunk<Buffer> chunk : chunks) {
            position = chunk.next();
            for (TailMember member : members.toArray(TailMember[]::new)) {
                member.onTail(partition.partition(), chunk);
            }
        }
        serving = false;
        if (members.isEmpty()) {
            close();
        } else {
            read();
        }
    }

    private void sendAway() {
        if (closed) {
            return;
        }
        closed = true;
        onClose.run();
        TailMember[] leaving = members.toArray(TailMember[]::new);
        members.clear();
        for (TailMember member : leaving) {
            member.onTailMissed(partition.partition());
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            // The waiting read is answered with nothing; a shard that cannot be reached has answered it already.
            reads.logs().ask(partition, new ReleaseRead(gate)).onFailure(gone -> {});
        }
    }
}
