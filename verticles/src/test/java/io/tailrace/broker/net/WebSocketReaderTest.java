// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's WebSocket carries, whatever the network makes of it in between. */
final class WebSocketReaderTest {

    private static final int BINARY = 0x82;
    private static final int FIRST_FRAGMENT = 0x02;
    private static final int FRAGMENT = 0x00;
    private static final int LAST_FRAGMENT = 0x80;
    private static final int PING = 0x89;
    private static final int CLOSE = 0x88;

    private final WebSocketReader reader = new WebSocketReader();
    private final Random random = new Random(1);

    @Test
    void takesThePayloadOutOfAnyFramesCutAtAnyPlaces() throws Exception {
        for (long seed = 0; seed < 100; seed++) {
            random.setSeed(seed);
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] payload = payload(List.of(0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001)
                        .get(random.nextInt(11)));
                sent.write(payload);
                if (random.nextBoolean()) {
                    wire.write(frame(BINARY, payload));
                } else {
                    int cut = random.nextInt(payload.length + 1);
                    wire.write(frame(FIRST_FRAGMENT, Arrays.copyOfRange(payload, 0, cut)));
                    wire.write(frame(PING, payload(random.nextInt(126))));
                    wire.write(frame(FRAGMENT, new byte[0]));
                    wire.write(frame(LAST_FRAGMENT, Arrays.copyOfRange(payload, cut, payload.length)));
                }
            }
            WebSocketReader fresh = new WebSocketReader();
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            byte[] all = wire.toByteArray();
            for (int from = 0; from < all.length; ) {
                int to = Math.min(all.length, from + 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000));
                received.write(read(fresh, Arrays.copyOfRange(all, from, to)));
                from = to;
            }
            assertThat(received.toByteArray()).as("seed %d", seed).isEqualTo(sent.toByteArray());
        }
    }

    @Test
    void givesOutWhatTheNewestPingCarried() throws Exception {
        assertThat(reader.takePing()).isNull();
        read(reader, frame(PING, new byte[] {1}));
        read(reader, frame(PING, new byte[] {2, 3}));
        assertThat(reader.takePing()).containsExactly(2, 3);
        assertThat(reader.takePing()).isNull();
    }

    @Test
    void hearsNothingAfterAClosingFrame() throws Exception {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.write(frame(BINARY, new byte[] {1, 2}));
        wire.write(frame(CLOSE, new byte[] {0x03, (byte) 0xE9}));
        wire.write(frame(BINARY, new byte[] {3}));
        assertThat(read(reader, wire.toByteArray())).containsExactly(1, 2);
        assertThat(reader.closeCode()).isEqualTo(1001);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8200", // not masked
                "C280 00000000", // a reserved bit
                "8380 00000000", // a kind that does not exist
                "8B80 00000000", // likewise
                "0980 00000000", // a ping in fragments
                "89FE 007E", // a ping of 126 bytes
                "8080 00000000", // a fragment of nothing
                "82FF 8000000000000000 00000000" // a length below zero
            })
    void refusesWhatNoClientMaySend(String hex) {
        assertFault(hex, WebSocketReader.PROTOCOL_ERROR);
    }

    @Test
    void refusesText() {
        assertFault("8180 00000000", WebSocketReader.UNSUPPORTED);
    }

    @Test
    void refusesAMessageWithinAMessage() throws Exception {
        read(reader, frame(FIRST_FRAGMENT, new byte[] {1}));
        assertFault("8280 00000000", WebSocketReader.PROTOCOL_ERROR);
    }

    private void assertFault(String hex, int code) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThatThrownBy(() -> read(reader, bytes))
                .isInstanceOfSatisfying(WebSocketReader.Fault.class, fault -> assertThat(fault.code())
                        .isEqualTo(code));
    }

    private byte[] payload(int length) {
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        return payload;
    }

    private static byte[] read(WebSocketReader reader, byte[] bytes) throws WebSocketReader.Fault {
        ByteBuf buffer = Unpooled.directBuffer().writeBytes(bytes);
        try {
            reader.read(buffer);
            byte[] payload = new byte[buffer.readableBytes()];
            buffer.readBytes(payload);
            return payload;
        } finally {
            buffer.release();
        }
    }

    private byte[] frame(int first, byte[] payload) {
        byte[] mask = payload(4);
        ByteBuf out = Unpooled.buffer();
        out.writeByte(first);
        if (payload.length <= 125) {
            out.writeByte(0x80 | payload.length);
        } else if (payload.length <= 0xFFFF) {
            out.writeByte(0x80 | 126).writeShort(payload.length);
        } else {
            out.writeByte(0x80 | 127).writeLong(payload.length);
        }
        out.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            out.writeByte(payload[i] ^ mask[i & 3]);
        }
        byte[] frame = new byte[out.readableBytes()];
        out.readBytes(frame);
        return frame;
    }
}
