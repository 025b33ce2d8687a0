// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tells UTF-8 (RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF) from other bytes. */
final class Utf8 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** 1 in each byte. */
    private static final long ONES = 0x0101010101010101L;

    private static final long HIGHEST_BITS = ONES << 7;

    private Utf8() {}

    /** Whether all of it is ASCII that stands in a JSON string as it is. */
    static boolean isPlain(byte[] bytes, int start, int end) {
        int i = start;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            if (!isPlain((long) LONGS.get(bytes, i))) {
                return false;
            }
        }
        for (; i < end; i++) {
            byte b = bytes[i];
            if (b < 0x20 || b == '"' || b == '\\') {
                return false;
            }
        }
        return true;
    }

    /**
     * Eight bytes at once. Taking a number from each borrows from the next byte only if the byte is below the number, so that the lowest byte that
     * is found is found rightly, and one that is not there never is.
     */
    private static boolean isPlain(long eight) {
        long control = eight - ONES * 0x20;
        long quote = (eight ^ ONES * '"') - ONES;
        long backslash = (eight ^ ONES * '\\') - ONES;
        return ((eight | control | quote | backslash) & HIGHEST_BITS) == 0;
    }

    static boolean isValid(ByteBuffer bytes) {
        int end = bytes.limit();
        int i = bytes.position();
        while (i < end) {
            int first = bytes.get(i++) & 0xFF;
            if (first < 0x80) {
                continue;
            }
            int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
            if (first < 0xC2 || first > 0xF4 || end - i < more || !isSecond(first, bytes.get(i) & 0xFF)) {
                return false;
            }
            for (int k = 1; k < more; k++) {
                if ((bytes.get(i + k) & 0xC0) != 0x80) {
                    return false;
                }
            }
            i += more;
        }
        return true;
    }

    private static boolean isSecond(int first, int second) {
        int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        return second >= lowest && second <= highest;
    }
}
