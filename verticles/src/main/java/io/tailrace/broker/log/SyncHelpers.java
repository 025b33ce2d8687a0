// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.log.SyncTicket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A few threads that sync files beside the one that has a ticket in hand. They do nothing but wait for the disk, and go when there was nothing
 * to do for a while. What waits in their queue is bounded by the tickets that are out, two for each shard.
 *
 * <p>Safe from any thread.
 */
final class SyncHelpers implements SyncTicket.Spread {

    private static final int IDLE_S = 10;

    private final ThreadPoolExecutor threads;

    SyncHelpers(int shard) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                SyncTicket.PIECES - 1,
                SyncTicket.PIECES - 1,
                IDLE_S,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> {
                    Thread thread = new Thread(work, "tailrace-sync-" + shard + "-helper-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** The first piece is done by the caller, who waits for the others. */
    @Override
    public void run(List<Runnable> pieces) {
        CountDownLatch left = new CountDownLatch(pieces.size());
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        pieces.subList(1, pieces.size()).forEach(piece -> threads.execute(() -> run(piece, left, failure)));
        run(pieces.getFirst(), left, failure);
        awaitUninterruptibly(left);
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    private static void run(Runnable piece, CountDownLatch left, AtomicReference<RuntimeException> failure) {
        try {
            piece.run();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        } finally {
            left.countDown();
        }
    }

    /** Files that are being synced cannot be let go of. */
    private static void awaitUninterruptibly(CountDownLatch left) {
        boolean interrupted = false;
        while (true) {
            try {
                left.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        threads.shutdown();
    }
}
