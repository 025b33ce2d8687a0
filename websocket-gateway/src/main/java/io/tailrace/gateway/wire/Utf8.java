// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.nio.ByteBuffer;

/** Tells UTF-8 (RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF) from other bytes. */
final class Utf8 {

    private Utf8() {}

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
