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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The end of a partition, read once for this node: one waiting read, one unpacking of each record and one encoding, whose bytes go to the
 * {@link Tail}s of all event loops that have somebody there.
 *
 * <pre>
 *   round ──► waiting read ──► pass (on a worker) ──► served by each tail ──► round …
 * </pre>
 *
 * <p>A pass is for the views that were looked for when it began. One that appears later may be seen for some records of it and not for others,
 * so the pass is not for it: see {@link #add}. The next one begins when all tails have served this one.
 *
 * <p>A reader has no memory: one that fails, or does not get on, ends, and so do its tails; their members' own reads find out why.
 *
 * <p>Reads, and tells what it read, on the event loop of its home. Who comes and goes is kept under a lock, for tails are on other loops.
 */
final class TailReader {

    /** What one shared read brings at most; the first batch comes whole. */
    private static final int READ_BYTES = 256 * 1024;

    private static final long WAIT_MS = 30_000;

    private static final Credit.Grant CHUNK =
            new Credit.Grant(SubscriptionMachine.READ_RECORDS, SubscriptionMachine.READ_BYTES);

    private final TailHome home;
    private final PartitionKey partition;
    private final Runnable onClose;
    private final Interests interests = new Interests();

    /** Guarded by this, as all that follows but for {@code unserved} and what is the home's. */
    private final List<Tail> tails = new ArrayList<>();

    private @Nullable Position position;

    /** The number of the newest pass that has begun; 0 if none has. */
    private long begun;

    /** The number of the newest pass that was given to the tails of its time. */
    private long told;

    /** Whether the newest pass is not yet served by all. */
    private boolean passing;

    private boolean closed;

    /** Tails that have to serve a pass, and one for the pace. */
    private final AtomicInteger unserved = new AtomicInteger();

    /** Of the home. */
    private ReadGate gate = new ReadGate(1);

    /** Of the home: whether a read waits for records. */
    private boolean reading;

    TailReader(TailHome home, PartitionKey partition, Runnable onClose) {
        this.home = home;
        this.partition = partition;
        this.onClose = onClose;
    }

    /** How attaching ended. */
    sealed interface Attached {

        /**
         * The tail is told every pass from here on.
         *
         * @param position where the next pass begins
         * @param told the number of the last pass that is not told to it
         */
        record At(Position position, long told) implements Attached {}

        /** The end is elsewhere by now. */
        record Past() implements Attached {}

        /** This reader reads no more. */
        record Closed() implements Attached {}
    }

    /** Has a tail told of what comes; the first one says where reading begins. @param at where its first member stands */
    synchronized Attached attach(Tail tail, Position at) {
        if (closed) {
            return new Attached.Closed();
        }
        Position here = position;
        if (here == null) {
            here = at;
            position = at;
            home.execute(this::read);
        } else if (at.offset() < here.offset()) {
            return new Attached.Past();
        }
        tails.add(tail);
        return new Attached.At(here, told);
    }

    /** Tells a tail no more. With the last one, reading ends. */
    void detach(Tail tail) {
        boolean last;
        synchronized (this) {
            tails.remove(tail);
            last = tails.isEmpty() && !closed;
            closed |= last;
        }
        if (last) {
            onClose.run();
            home.execute(this::release);
        }
    }

    /** The waiting read is answered with nothing; a shard that cannot be reached has answered it already. */
    private void release() {
        if (reading) {
            home.logs().ask(partition, new ReleaseRead(gate)).onFailure(gone -> {});
        }
    }

    /** Looks for a view, once for each tail. @return the number of the pass that goes on and is not for it; 0 if none does */
    synchronized long add(View view) {
        interests.add(view);
        return passing ? begun : 0;
    }

    synchronized void remove(View view) {
        interests.remove(view);
    }

    /** A pass begins; @return where, or null if nobody is there any more */
    private synchronized @Nullable Position begin() {
        if (closed) {
            return null;
        }
        begun++;
        passing = true;
        return position;
    }

    /** Those a pass is for, which is all there are now, and its number. */
    private record Telling(List<Tail> tails, long number) {}

    private synchronized Telling tell(Pass pass) {
        position = pass.next();
        told = begun;
        unserved.set(tails.size() + 1);
        return new Telling(List.copyOf(tails), begun);
    }

    private synchronized void over() {
        passing = false;
    }

    /** Where to read on; null if nobody is there any more. */
    private synchronized @Nullable Position place() {
        return closed ? null : position;
    }

    private void read() {
        Position at = place();
        if (at == null) {
            return;
        }
        gate = new ReadGate(1);
        reading = true;
        LogReads.ask(home.logs(), partition, at, gate, System.currentTimeMillis() + WAIT_MS, READ_BYTES)
                .onSuccess(this::found)
                .onFailure(this::failed);
    }

    private void failed(Throwable failure) {
        reading = false;
        LogReads.unavailable(partition, failure);
        end();
    }

    /** What only a reader of its own can cope with ends this one. */
    private void found(Read.Result result) {
        reading = false;
        boolean bad = result.error() != Errors.NONE || result.diverging() != null;
        Position at = bad || result.records().isEmpty() ? null : begin();
        if (at != null) {
            home.unpack(
                            () -> LogReads.decodeForAll(partition, at, CHUNK, interests, result),
                            result.records().sizeBytes())
                    .onSuccess(pass -> unpacked(at, pass))
                    .onFailure(this::failed);
            return;
        }
        result.records().release();
        if (bad) {
            end();
        } else {
            home.inNextRound(this::read);
        }
    }

    private void unpacked(Position at, Pass pass) {
        if (pass.next().offset() <= at.offset()) {
            end(); // it does not get on; readers of their own try less often
            return;
        }
        Telling telling = tell(pass);
        telling.tails.forEach(tail -> tail.execute(() -> tail.serve(pass, telling.number)));
        home.inNextRound(this::served);
    }

    /** One tail has served the pass, or the pace allows the next one; on any event loop. */
    void served() {
        if (unserved.decrementAndGet() == 0) {
            over();
            home.execute(this::read);
        }
    }

    /** Has every member of every tail read for itself. */
    private void end() {
        List<Tail> all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            passing = false;
            all = List.copyOf(tails);
            tails.clear();
        }
        onClose.run();
        all.forEach(tail -> tail.execute(tail::end));
    }
}
