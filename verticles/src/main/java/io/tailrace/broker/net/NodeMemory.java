// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

/**
 * What clients may make a node hold, by where it lies. One for all listeners of a node.
 *
 * @param frames bytes of requests as they came, outside the heap ({@code queued.max.request.bytes})
 * @param heap what requests become when they are read, and their answers until they are written
 * @param responses bytes of answers that clients have not taken, outside the heap
 */
public record NodeMemory(RequestBudget frames, RequestBudget heap, ResponseMemory responses) {

    /** Clients get a quarter of the heap: the rest is for the node, and for garbage on its way out. */
    private static final int HEAP_SHARE = 4;

    /** Below this not even one large request would fit. */
    private static final long LEAST_HEAP_BYTES = 16L << 20;

    /** The bounds that fit the heap and the direct memory of this process. */
    public static NodeMemory ofThisProcess(RequestBudget frames) {
        long heapBytes = Math.max(LEAST_HEAP_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        return new NodeMemory(frames, new RequestBudget(heapBytes), ResponseMemory.ofThisProcess());
    }
}
