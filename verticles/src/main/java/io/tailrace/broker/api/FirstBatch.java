// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import java.nio.ByteBuffer;

/** The little that a handler looks at in a batch, without trusting it: the partition log checks everything. */
final class FirstBatch {

    static final int ZSTD = 4;

    private static final int LENGTH_AT = 8;
    private static final int ATTRIBUTES_AT = 21;
    private static final int CODEC_MASK = 7;
    private static final int TRANSACTIONAL_MASK = 0x10;

    /** Base offset and the length itself are not counted in a batch's length. */
    private static final int LENGTH_OVERHEAD = 12;

    private FirstBatch() {}

    /** The compression codec, or -1 if there is not even a header. */
    static int codec(ByteBuffer batches) {
        return batches.remaining() < ATTRIBUTES_AT + 2
                ? -1
                : batches.getShort(batches.position() + ATTRIBUTES_AT) & CODEC_MASK;
    }

    static boolean isTransactional(ByteBuffer batches) {
        return batches.remaining() >= ATTRIBUTES_AT + 2
                && (batches.getShort(batches.position() + ATTRIBUTES_AT) & TRANSACTIONAL_MASK) != 0;
    }

    /** Whether there are more bytes than those of the first batch. */
    static boolean isFollowed(ByteBuffer batches) {
        return batches.remaining() > LENGTH_OVERHEAD
                && batches.getInt(batches.position() + LENGTH_AT) + (long) LENGTH_OVERHEAD < batches.remaining();
    }
}
