// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of answers that clients have not taken yet, over all connections of a node. Records on their way by sendfile are none: they lie in files.
 *
 * <p>Above the <em>ample</em> mark, who has not taken his last answer gets no further one, and who takes nothing for a while is hung up on. Above
 * the bound nobody gets a further answer until those are gone.
 *
 * <p>Any thread.
 */
public final class ResponseMemory {

    /** Request frames have a quarter of the direct memory by default; the log and the sockets need some too. */
    private static final int SHARE = 4;

    private final long boundBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    public ResponseMemory(long boundBytes) {
        if (boundBytes <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + boundBytes);
        }
        this.boundBytes = boundBytes;
    }

    static ResponseMemory ofThisProcess() {
        return new ResponseMemory(Math.max(16L << 20, PlatformDependent.maxDirectMemory() / SHARE));
    }

    void change(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    long usedBytes() {
        return usedBytes.get();
    }

    boolean isAmple() {
        return usedBytes.get() < boundBytes / 2;
    }

    boolean hasRoom() {
        return usedBytes.get() < boundBytes;
    }

    /** Whether one answer of this size may ever be held. */
    boolean canEverHold(long bytes) {
        return bytes <= boundBytes;
    }
}
