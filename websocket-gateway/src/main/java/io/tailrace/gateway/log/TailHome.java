// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.wire.SharedDecoder.Pass;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The event loop on which {@link TailReader}s live, and what they do together, as a hop from one thread to another costs more than a few records:
 * they read at the same times, so that one turn of a log shard answers all of them, and what these answers bring is unpacked in one piece of work.
 *
 * <p>Belongs to the event loop, but for {@link #execute}.
 */
final class TailHome {

    /**
     * Least time from one round of reads to the next. The first record after a quiet time comes at once; of a stream, several come together.
     */
    private static final long PACE_NS = 2_000_000;

    /** Stored bytes that are unpacked in one piece of work; more is spread over the workers. */
    private static final int TOGETHER_BYTES = 64 * 1024;

    /** Does work that may block, elsewhere; the future completes on the event loop that asked. */
    interface Workers {

        Future<?> run(Runnable work);
    }

    private final LogShards logs;
    private final Workers workers;
    private final Later later;
    private List<Runnable> due = new ArrayList<>();
    private List<Job> jobs = new ArrayList<>();

    /** Of {@code System.nanoTime}. */
    private long roundNs = System.nanoTime() - PACE_NS;

    private boolean waiting;

    TailHome(LogShards logs, Workers workers, Later later) {
        this.logs = logs;
        this.workers = workers;
        this.later = later;
    }

    LogShards logs() {
        return logs;
    }

    /** Runs a task here, behind others; from any thread. */
    void execute(Runnable task) {
        later.execute(task);
    }

    /** Runs a task in the next round. */
    void inNextRound(Runnable read) {
        due.add(read);
        if (!waiting) {
            waiting = true;
            long leftNs = roundNs + PACE_NS - System.nanoTime();
            if (leftNs > 0) {
                later.after(leftNs, this::round);
            } else {
                later.execute(this::round);
            }
        }
    }

    private void round() {
        waiting = false;
        roundNs = System.nanoTime();
        List<Runnable> mine = due;
        due = new ArrayList<>(mine.size());
        mine.forEach(Runnable::run);
    }

    /** One unpacking. What it came to is set on a worker and told here. */
    private static final class Job {
        private final Supplier<Pass> work;
        private final int sizeBytes;
        private final Promise<Pass> promise = Promise.promise();
        private @Nullable Pass pass;
        private @Nullable Throwable failure;

        Job(Supplier<Pass> work, int sizeBytes) {
            this.work = work;
            this.sizeBytes = sizeBytes;
        }

        /** What goes wrong is this job's, and the others go on. */
        void run() {
            try {
                pass = work.get();
            } catch (RuntimeException failed) {
                failure = failed;
            }
        }

        void tell(@Nullable Throwable lost) {
            Pass brought = pass;
            Throwable why = failure != null ? failure : lost;
            if (brought != null) {
                promise.complete(brought);
            } else {
                promise.fail(why == null ? new IllegalStateException("the work was not done") : why);
            }
        }
    }

    /** Does work on a worker, together with what else is asked for in this turn. @param sizeBytes how much there is to unpack */
    Future<Pass> unpack(Supplier<Pass> work, int sizeBytes) {
        Job job = new Job(work, sizeBytes);
        jobs.add(job);
        if (jobs.size() == 1) {
            later.execute(this::unpack);
        }
        return job.promise.future();
    }

    private void unpack() {
        List<Job> all = jobs;
        jobs = new ArrayList<>();
        int start = 0;
        int bytes = 0;
        for (int i = 0; i < all.size(); i++) {
            bytes += all.get(i).sizeBytes;
            if (bytes >= TOGETHER_BYTES || i == all.size() - 1) {
                together(all.subList(start, i + 1));
                start = i + 1;
                bytes = 0;
            }
        }
    }

    private void together(List<Job> some) {
        workers.run(() -> some.forEach(Job::run))
                .onSuccess(done -> some.forEach(job -> job.tell(null)))
                .onFailure(refused -> some.forEach(job -> job.tell(refused)));
    }
}
