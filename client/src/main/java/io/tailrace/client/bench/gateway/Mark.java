// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * What the bench writes into a value, to be found in whatever form the gateway wraps it: {@code @}, when the record was due (System.nanoTime of
 * this process, 19 digits), {@code #}, its number among those of its key (10 digits), and fields with numbers up to the length wanted: a text that
 * shrinks like others when it is compressed.
 */
final class Mark {

    private static final int TIME_DIGITS = 19;
    private static final int NUMBER_DIGITS = 10;
    private static final int TEXT_BYTES = 1 << 16;
    private static final int SEED = 7;

    /** Shortest value that holds a mark. */
    static final int BYTES = 2 + TIME_DIGITS + NUMBER_DIGITS;

    private static final byte[] TEXT = text();

    private Mark() {}

    private static byte[] text() {
        Random random = new Random(SEED);
        List<String> names = List.of("price", "quantity", "side", "venue", "account", "customer", "status", "time");
        StringBuilder text = new StringBuilder();
        while (text.length() < TEXT_BYTES) {
            text.append(names.get(random.nextInt(names.size())))
                    .append('=')
                    .append(random.nextInt(100_000))
                    .append("; ");
        }
        return text.substring(0, TEXT_BYTES).getBytes(StandardCharsets.US_ASCII);
    }

    /** Is told of each mark. */
    interface Sink {
        void mark(long dueNs, long number);
    }

    static byte[] value(int bytes, long dueNs, long number) {
        byte[] value = new byte[Math.max(BYTES, bytes)];
        for (int at = 0, from = (int) (dueNs % TEXT_BYTES); at < value.length; at += TEXT_BYTES - from, from = 0) {
            System.arraycopy(TEXT, from, value, at, Math.min(TEXT_BYTES - from, value.length - at));
        }
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
