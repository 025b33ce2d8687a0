// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

/**
 * What one request frame may cost.
 *
 * <p>Bytes alone do not bound it: kafka-clients turns two bytes of an array element into an object of a hundred, so a frame of 100 MiB could ask
 * for gigabytes of heap. Every object that the generated readers make takes at least one primitive read from the frame, so the
 * number of reads bounds the objects.
 *
 * @param frameBytes longest frame, without its length field
 * @param readCount primitive reads (integers, strings, byte ranges, tags) that parsing one frame may take
 */
public record FrameLimits(int frameBytes, int readCount) {

    /** Kafka's {@code socket.request.max.bytes}. */
    private static final int KAFKA_FRAME_BYTES = 100 * 1024 * 1024;

    /** Before authentication only three small APIs are answered; Kafka's clients stay below 64 KiB, Kerberos tickets included. */
    private static final int STRANGER_FRAME_BYTES = 512 * 1024;

    /** A fetch of 100,000 partitions takes about 900,000 reads; nobody sends more of them at once. */
    private static final int READS = 1_000_000;

    private static final int STRANGER_READS = 10_000;

    public FrameLimits {
        if (frameBytes < 1 || readCount < 1) {
            throw new IllegalArgumentException("limits must be positive: " + frameBytes + ", " + readCount);
        }
    }

    /** For those who have not said who they are. */
    public static FrameLimits beforeAuthentication() {
        return new FrameLimits(STRANGER_FRAME_BYTES, STRANGER_READS);
    }

    /** For those who have. */
    public static FrameLimits afterAuthentication() {
        return new FrameLimits(KAFKA_FRAME_BYTES, READS);
    }
}
