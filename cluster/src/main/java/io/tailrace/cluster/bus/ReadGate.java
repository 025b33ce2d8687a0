// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What makes one fetch, spread over several shards of a process, wait for {@code minBytes} together.
 *
 * <p>Each shard counts what it could hand out; the one whose bytes fill the measure opens the gate and answers. The asker, seeing that
 * answer, releases the other shards ({@link ReleaseRead}). Bytes are counted once, when a shard first sees them, so a gate opens early at
 * worst (a truncation in between), never late.
 *
 * <p>Safe from any thread. An open gate stays open.
 */
public final class ReadGate {

    private final AtomicLong missingBytes;

    /** @param minBytes how many bytes open the gate; with 0 or less it is open from the start */
    public ReadGate(int minBytes) {
        this.missingBytes = new AtomicLong(minBytes);
    }

    /** Counts bytes that became available; true if the gate is open now. */
    public boolean add(long bytes) {
        return (bytes == 0 ? missingBytes.get() : missingBytes.addAndGet(-bytes)) <= 0;
    }

    /** Opens the gate whatever was counted: an error or a divergence must reach the reader at once. */
    public void open() {
        missingBytes.set(Long.MIN_VALUE / 2);
    }

    public boolean isOpen() {
        return missingBytes.get() <= 0;
    }
}
