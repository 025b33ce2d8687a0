// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that somebody wants to be written.
 *
 * @param partition or -1 to have one chosen: by the key, or any if there is none
 * @param value null for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way from a frame to a batch; nobody compares them
public record NewRecord(int partition, byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {

    public static final int ANY_PARTITION = -1;

    /** One header. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Header(String name, byte @Nullable [] value) {}

    /** Bytes of key, value and headers. */
    public long bytes() {
        long bytes = length(key) + length(value);
        for (Header header : headers) {
            bytes += header.name.length() + length(header.value);
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
