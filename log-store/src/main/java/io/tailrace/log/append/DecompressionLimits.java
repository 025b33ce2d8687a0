// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

/**
 * How far a compressed batch may swell where the broker has to look inside: a few kilobytes can decompress to gigabytes, and
 * the shard's thread is everybody's.
 *
 * @param maxBytes of all records of a batch together
 * @param maxRatio decompressed to compressed bytes, once {@link #RATIO_FREE_BYTES} are reached
 */
public record DecompressionLimits(long maxBytes, int maxRatio) {

    /** Small batches of equal bytes have high ratios and do no harm. */
    public static final long RATIO_FREE_BYTES = 1 << 20;

    /**
     * 128 MiB is over a hundred times the default greatest batch and about 0.3 s of work; 1000 is beyond the best of gzip, lz4
     * and snappy, so that only zstd on hardly anything but repetition is ever refused.
     */
    public static final DecompressionLimits DEFAULT = new DecompressionLimits(128L << 20, 1000);

    public DecompressionLimits {
        if (maxBytes < 1 || maxRatio < 1) {
            throw new IllegalArgumentException("limits of " + maxBytes + " bytes and ratio " + maxRatio);
        }
    }

    /** Whether {@code decompressed} bytes out of a batch of {@code compressed} bytes are too many. */
    boolean exceeded(long decompressed, int compressed) {
        return decompressed > maxBytes || (decompressed > RATIO_FREE_BYTES && decompressed / maxRatio > compressed);
    }

    /** The greatest single record to be taken into memory, given the topic's own limit. */
    int maxRecordBytes(int topicLimit) {
        return (int) Math.min(topicLimit, Math.min(maxBytes, Integer.MAX_VALUE));
    }
}
