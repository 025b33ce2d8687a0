// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the bench writes into a value, to be found in whatever form the gateway wraps it: {@code @}, when the record was due (System.nanoTime of
 * this process, 19 digits), {@code #}, its number among those of its key (10 digits), and dots up to the length wanted.
 */
final class Mark {

    private static final int TIME_DIGITS = 19;
    private static final int NUMBER_DIGITS = 10;

    /** Shortest value that holds a mark. */
    static final int BYTES = 2 + TIME_DIGITS + NUMBER_DIGITS;

    private Mark() {}

    /** Is told of each mark. */
    interface Sink {
        void mark(long dueNs, long number);
    }

    static byte[] value(int bytes, long dueNs, long number) {
        byte[] value = new byte[Math.max(BYTES, bytes)];
        Arrays.fill(value, (byte) '.');
        byte[] text = String.format("@%019d#%010d", dueNs, number).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, value, 0, text.length);
        return value;
    }

    /** Finds all marks in a message. */
    static void find(Buffer message, Sink sink) {
        int last = message.length() - BYTES;
        for (int i = 0; i <= last; i++) {
            if (message.getByte(i) == '@' && message.getByte(i + 1 + TIME_DIGITS) == '#') {
                sink.mark(digits(message, i + 1, TIME_DIGITS), digits(message, i + 2 + TIME_DIGITS, NUMBER_DIGITS));
                i += BYTES - 1;
            }
        }
    }

    private static long digits(Buffer message, int at, int count) {
        long number = 0;
        for (int i = at; i < at + count; i++) {
            number = number * 10 + message.getByte(i) - '0';
        }
        return number;
    }
}
