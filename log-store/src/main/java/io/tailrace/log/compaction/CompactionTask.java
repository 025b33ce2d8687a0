// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import io.tailrace.log.disk.Disk;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass over one log, in steps of bounded work, so that its worker can pace it, serve others and be told to stop.
 *
 * <p>The pass has two halves. {@link KeyIndexing} reads the dirty part and notes where each key was written last, in a map of
 * fixed size; if the map fills, the pass ends there and the next one goes on. {@link SegmentRewriting} then reads all
 * segments below that point and writes what is still needed into {@code .cleaned} files. The log changes only when the shard
 * thread swaps them in ({@link SegmentSwap}); until then the pass can be dropped at any time, and a crash drops it.
 *
 * <p>What holds of a cleaned log (the tests' model): every key has the same newest value as before; records that stay keep
 * their offset, their order and their bytes of key, value and headers; offsets below the log's end are never given again.
 *
 * <p>Not thread-safe; used by one worker at a time. {@link #step} throws {@code StorageException} for a failed device, a
 * source file that is gone, or a source batch that is damaged: the task is then to be closed, and the log is as it was.
 */
public final class CompactionTask implements AutoCloseable {

    private final CompactionPlan plan;
    private final Disk disk;
    private final OffsetMap map;
    private final long nowMs;
    private final BufferSupplier buffers = BufferSupplier.create();
    private final KeyIndexing indexing;
    private @Nullable SegmentRewriting rewriting;
    private @Nullable CompactionResult result;

    /**
     * @param map lent to the task until it is closed; its content is lost
     * @param nowMs the clock, for delete horizons
     */
    public CompactionTask(CompactionPlan plan, Disk disk, OffsetMap map, long nowMs) {
        this.plan = plan;
        this.disk = disk;
        this.map = map;
        this.nowMs = nowMs;
        this.indexing = new KeyIndexing(plan, disk, map, buffers);
    }

    /**
     * Works on: reads about {@code maxBytes}, rounded up to a chunk.
     *
     * @return whether the pass is done and {@link #result} is there
     */
    public boolean step(int maxBytes) {
        if (result != null) {
            return true;
        }
        SegmentRewriting writer = rewriting;
        if (writer == null) {
            if (indexing.step(maxBytes)) {
                rewriting = new SegmentRewriting(plan, disk, map, buffers, nowMs);
            }
            return false;
        }
        if (!writer.step(maxBytes)) {
            return false;
        }
        result = writer.result(map.endOffset());
        return true;
    }

    public CompactionPlan plan() {
        return plan;
    }

    /** What is to be swapped in; the files are the caller's from here on, and {@link #close} leaves them alone. */
    public CompactionResult result() {
        CompactionResult done = result;
        if (done == null) {
            throw new IllegalStateException("the pass is not done");
        }
        rewriting = null;
        return done;
    }

    /** Ends the task. Unless {@link #result} was taken, all that it wrote is removed. */
    @Override
    public void close() {
        indexing.close();
        SegmentRewriting writer = rewriting;
        rewriting = null;
        if (writer != null) {
            writer.abandon();
        }
        buffers.close();
    }
}
