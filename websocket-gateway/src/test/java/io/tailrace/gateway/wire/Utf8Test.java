// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class Utf8Test {

    /** One byte that is not plain, of every value and at every place, among bytes at both ends of what is. */
    @Test
    void findsTheOneByteThatIsNotPlainWhereverItStands() {
        for (int length = 0; length <= 20; length++) {
            for (byte other : new byte[] {' ', '~', 0x7F, '!', '#', '[', ']'}) {
                byte[] bytes = new byte[length + 5];
                Arrays.fill(bytes, (byte) 0); // outside, nothing is looked at
                Arrays.fill(bytes, 3, 3 + length, other);
                assertThat(Utf8.isPlain(bytes, 3, 3 + length)).isTrue();
                for (int at = 3; at < 3 + length; at++) {
                    for (int value = -128; value < 128; value++) {
                        bytes[at] = (byte) value;
                        assertThat(Utf8.isPlain(bytes, 3, 3 + length))
                                .as("%d of %d is %d", at - 3, length, value)
                                .isEqualTo(value >= 0x20 && value != '"' && value != '\\');
                    }
                    bytes[at] = other;
                }
            }
        }
    }

    @Test
    void writesTextAsJsonWhateverIsInIt() {
        for (String text : new String[] {
            "",
            "plain",
            "quite a long text without anything",
            "a \"quoted\" word",
            "back\\slash",
            "two\nlines",
            "später",
            "€"
        }) {
            FrameBytes out = new FrameBytes(0)
                    .raw("x")
                    .value(java.nio.ByteBuffer.wrap((">" + text + "<").getBytes(StandardCharsets.UTF_8))
                            .position(1))
                    .raw("y");
            String written = out.take().toString(StandardCharsets.UTF_8);
            assertThat(written).startsWith("x\"").endsWith("\"y");
            Object read = io.vertx.core.json.Json.decodeValue(written.substring(1, written.length() - 1));
            assertThat(read).isEqualTo(text + "<");
        }
    }
}
