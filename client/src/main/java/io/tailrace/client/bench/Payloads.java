// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.Random;

/** Record values made before the clock starts, so that making them costs the client nothing while it is measured. */
final class Payloads {

    private static final int COUNT = 2000;
    private static final int SEED = 7;

    private Payloads() {}

    /** {@value #COUNT} different values of {@code sizeBytes} upper-case letters; the same in every run. */
    static byte[][] letters(int sizeBytes) {
        Random random = new Random(SEED);
        byte[][] values = new byte[COUNT][sizeBytes];
        for (byte[] value : values) {
            for (int i = 0; i < sizeBytes; i++) {
                value[i] = (byte) ('A' + random.nextInt(26));
            }
        }
        return values;
    }
}
