// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.bus.ReleaseRead;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.SubscriptionMachine;
import io.tailrace.gateway.wire.Interests;
import io.tailrace.gateway.wire.SharedDecoder.Pass;
import io.tailrace.gateway.wire.View;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;

/**
 * The end of a partition, read once for all on this event loop that stand there, however they look at it: one waiting read, one unpacking of
 * each record, one encoding. Each of them costs a write for what it is shown, and nothing at all for what it is not.
 *
 * <p>A tail has no memory. Who cannot take a chunk leaves, reads for itself from where it stands, and is back when it stands at the end again.
 * A tail whose read fails sends everybody away; their own reads find out why.
 *
 * <p>A view that appears while records are being unpacked may have been seen for some of them and not for others; so what comes of that pass
 * is not for it, and its members read once more for themselves, unless they stand behind the pass already.
 */
final class Tail {

    /** What one shared read brings at most; the first batch comes whole. */
    private static final int READ_BYTES = 256 * 1024;

    private static final long WAIT_MS = 30_000;

    /**
     * Least time from one pass to the next. The first record after a quiet time comes at once; of a stream, several come in one pass, which costs
     * two dozen microseconds and more however few there are.
     */
    private static final long PACE_NS = 2_000_000;

    private static final Credit.Grant CHUNK =
            new Credit.Grant(SubscriptionMachine.READ_RECORDS, SubscriptionMachine.READ_BYTES);

    private final LogReads reads;
    private final PartitionKey partition;
    private final Later later;
    private final Runnable onClose;
    private final Interests interests = new Interests();
    private final Map<View, Cohort> cohorts = new HashMap<>();

    /** Those that appeared during the pass that is under way. */
    private final List<View> fresh = new ArrayList<>();

    private Position position;
    private ReadGate gate = new ReadGate(1);

    /** Between the beginning of an unpacking and the last delivery of what came of it. */
    private boolean passing;

    /** When the last pass began, of {@code System.nanoTime}. */
    private long passedNs = System.nanoTime() - PACE_NS;

    /** Whether a read waits for records. */
    private boolean reading;

    private boolean closed;

    Tail(LogReads reads, PartitionKey partition, Position position, Later later, Runnable onClose) {
        this.reads = reads;
        this.partition = partition;
        this.position = position;
        this.later = later;
        this.onClose = onClose;
    }

    /** False if the tail is past the position already. */
    boolean join(TailMember member, View view, Position at) {
        if (at.offset() < position.offset()) {
            return false;
        }
        cohorts.computeIfAbsent(view, it -> {
                    interests.add(it);
                    if (passing) {
                        fresh.add(it);
                    }
                    return new Cohort(passing);
                })
                .add(member, at);
        return true;
    }

    void leave(TailMember member, View view) {
        Cohort cohort = cohorts.get(view);
        if (cohort != null && cohort.remove(member)) {
            cohorts.remove(view);
            interests.remove(view);
            if (cohorts.isEmpty() && !passing) {
                close();
            }
        }
    }

    void read() {
        if (closed) {
            return;
        }
        gate = new ReadGate(1);
        reading = true;
        reads.ask(partition, position, gate, System.currentTimeMillis() + WAIT_MS, READ_BYTES)
                .compose(this::decode)
                .onSuccess(this::serve)
                .onFailure(failure -> {
                    LogReads.unavailable(partition, failure);
                    sendAway();
                });
    }

    /** What only a reader of its own can cope with ends the tail. */
    private Future<Pass> decode(Read.Result result) {
        reading = false;
        passedNs = System.nanoTime();
        boolean bad = result.error() != Errors.NONE || result.diverging() != null;
        if (closed || bad || result.records().isEmpty()) {
            result.records().release();
            if (bad) {
                sendAway();
            }
            return Future.succeededFuture(new Pass(position, Map.of(), Map.of()));
        }
        passing = true;
        return reads.decodeForAll(partition, position, CHUNK, interests, result).onSuccess(pass -> {
            if (pass.next().offset() <= position.offset()) {
                sendAway(); // it does not get on; readers of their own try less often
            }
        });
    }

    private void serve(Pass pass) {
        if (!closed) {
            passing = true;
            position = pass.next();
            new Serving(partition.partition(), cohorts, pass.chunks(), later).run(() -> served(pass));
        }
    }

    private void served(Pass pass) {
        passing = false;
        pass.left().forEach(this::sendAway);
        for (View view : List.copyOf(fresh)) {
            settle(view);
        }
        fresh.clear();
        if (closed) {
            return;
        }
        if (cohorts.isEmpty()) {
            close();
        } else {
            readWhenItIsTime();
        }
    }

    private void readWhenItIsTime() {
        long leftNs = passedNs + PACE_NS - System.nanoTime();
        if (leftNs > 0) {
            later.after(leftNs, this::read);
        } else {
            read();
        }
    }

    private void settle(View view) {
        Cohort cohort = cohorts.get(view);
        if (cohort == null) {
            return;
        }
        Map<TailMember, Position> missed = cohort.settle(position);
        if (cohort.isEmpty()) {
            cohorts.remove(view);
            interests.remove(view);
        }
        missed.forEach((member, at) -> member.onTailMissed(partition.partition(), at));
    }

    private void sendAway() {
        if (!closed) {
            closed = true;
            onClose.run();
            for (View view : List.copyOf(cohorts.keySet())) {
                sendAway(view, position);
            }
        }
    }

    private void sendAway(View view, Position served) {
        Cohort cohort = cohorts.remove(view);
        if (cohort != null) {
            interests.remove(view);
            for (TailMember member : cohort.members()) {
                member.onTailMissed(partition.partition(), cohort.served(member, served));
            }
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            if (reading) {
                // The waiting read is answered with nothing; a shard that cannot be reached has answered it already.
                reads.logs().ask(partition, new ReleaseRead(gate)).onFailure(gone -> {});
            }
        }
    }
}
