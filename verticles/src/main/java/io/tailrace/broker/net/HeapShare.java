// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.protocol.GuardedReader;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.NoRoomException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Pays for the objects of one connection's requests from the node's heap budget, before they are made. One event loop.
 *
 * <p>The weights are upper bounds that {@code RequestWeightTest} measures over all APIs and versions.
 */
final class HeapShare implements GuardedReader.Meter {

    /** What a primitive read of a frame turns into, in the densest of all requests. */
    static final int REQUEST_BYTES_PER_READ = 64;

    /** What is built to answer it: shard requests, results, the response. */
    static final int ANSWER_BYTES_PER_READ = 64;

    /** A request of no size at all, in hand: context, promise, bus call, place in a queue. */
    static final int REQUEST_BYTES = 2 * 1024;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Time of the processor that reading a frame may take, beside what is in proportion to it: some hundred times what it does take. */
    private static final long EFFORT_NANOS = 100_000_000;

    private static final long EFFORT_NANOS_PER_SLAB = 5_000 * GuardedReader.SLAB_READS;

    private static final int BYTES_PER_READ = REQUEST_BYTES_PER_READ + ANSWER_BYTES_PER_READ;

    /** More than any client's ordinary requests take. */
    private static final long SMALL_BYTES = 256 * 1024;

    /** Large requests leave this part of the heap budget, one in so many, to small ones: who asks for little does not queue behind them. */
    private static final int SPARE = 4;

    private final RequestBudget heap;

    /** Of the request that is being read: how often the reader asked, and the processor time of this thread when it did for the second time. */
    private int granted;

    private long startedNanos;

    /** Of the request that is being read: what it needs so far, and what was taken for it. */
    private long neededBytes;

    private long takenBytes;

    /** What the last request that was refused had needed, so that trying again costs nothing until that much is there. */
    private long wantedBytes;

    /** A request in hand was let in above the budget; it shall be the only one of this connection. */
    private boolean overdrawn;

    HeapShare(RequestBudget heap) {
        this.heap = heap;
    }

    /** How many reads of one frame the budget could pay for at all. */
    static int affordableReads(RequestBudget heap) {
        return (int) Math.min(Integer.MAX_VALUE, (heap.capacityBytes() - REQUEST_BYTES) / BYTES_PER_READ);
    }

    /**
     * A request is about to be read.
     *
     * @throws NoRoomException there is less than it was refused for the last time
     */
    void begin() {
        neededBytes = REQUEST_BYTES;
        takenBytes = 0;
        granted = 0;
        if (overdrawn || (wantedBytes > 0 && !covers(wantedBytes))) {
            throw new NoRoomException();
        }
    }

    @Override
    public boolean grants(int readCount) {
        checkEffort();
        return need((long) readCount * BYTES_PER_READ);
    }

    /**
     * The readers of kafka-clients put elements with keys into hash tables of open addressing, where those with equal keys, or hashes, make
     * adding and growing cost as their square and cube: some thousand topics of one name in CreateTopics keep a loop busy for minutes.
     */
    private void checkEffort() {
        granted++;
        if (granted == 2) {
            startedNanos = THREADS.getCurrentThreadCpuTime();
        } else if (granted > 2
                && THREADS.getCurrentThreadCpuTime() - startedNanos > EFFORT_NANOS + granted * EFFORT_NANOS_PER_SLAB) {
            throw new MalformedFrameException("takes too long to read");
        }
    }

    /** Whether an answer of this size could ever be paid for. */
    boolean canEverPay(long bytes) {
        return bytes <= heap.capacityBytes();
    }

    /**
     * Pays for an answer that is not in proportion to its request.
     *
     * @throws NoRoomException not now
     */
    void payAnswer(long bytes) {
        if (!need(bytes)) {
            throw new NoRoomException();
        }
    }

    /** The request is whole, after so many reads; completes with what it took, which {@link #settle} gives back. */
    long handOver(int readCount, long answerBytes) {
        long bytes = REQUEST_BYTES + (long) readCount * BYTES_PER_READ + answerBytes;
        overdrawn = heap.isOverdrawnBy(this);
        wantedBytes = 0;
        heap.release(takenBytes - bytes);
        takenBytes = 0;
        return bytes;
    }

    /** The request came to nothing: it is broken, or has to wait. */
    void giveBack() {
        heap.release(takenBytes);
        takenBytes = 0;
        if (!overdrawn) {
            heap.frameEnded(this);
        }
    }

    /** Runs {@code resume} when it is worth to read again what was refused. */
    void await(Runnable resume) {
        heap.awaitGrowth(wantedBytes <= SMALL_BYTES, wantedBytes + spareBytes(wantedBytes), resume);
    }

    private long spareBytes(long bytes) {
        return bytes > SMALL_BYTES ? heap.capacityBytes() / SPARE : 0;
    }

    /** A request that was handed over is answered. */
    void settle(long bytes) {
        heap.release(bytes);
        if (overdrawn) {
            overdrawn = false;
            heap.frameEnded(this);
        }
    }

    private boolean need(long bytes) {
        neededBytes += bytes;
        return covers(neededBytes);
    }

    private boolean covers(long bytes) {
        if (bytes <= takenBytes) {
            return true;
        }
        if (!heap.tryGrow(this, bytes - takenBytes, spareBytes(bytes))) {
            wantedBytes = bytes;
            return false;
        }
        takenBytes = bytes;
        return true;
    }
}
