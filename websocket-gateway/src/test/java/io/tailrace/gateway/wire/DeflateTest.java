// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateTest {

    private static final int MOST = 4 << 20;
    private static final byte[] HEAD = "{\"type\":\"data\",\"id\":7,".getBytes(StandardCharsets.US_ASCII);

    private final Inflate inflate = new Inflate();

    private static Buffer text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < length; i++) {
            text.append("{\"offset\":").append(i).append(",\"value\":\"hello\"},");
        }
        return Buffer.buffer(text.substring(0, length));
    }

    private static Buffer noise(int length) {
        byte[] noise = new byte[length];
        new Random(1).nextBytes(noise);
        return Buffer.buffer(noise);
    }

    private static byte[] message(Buffer body) {
        return Buffer.buffer(Deflate.stored(HEAD))
                .appendBuffer(Deflate.packed(body))
                .getBytes();
    }

    private void assertComesBack(Buffer body) throws Exception {
        Buffer whole = Buffer.buffer(HEAD).appendBuffer(body);

        assertThat(Buffer.buffer(inflate.unpacked(message(body), MOST)).equals(whole))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 1_000, 64_000, 262_144, 262_145, 2_000_000})
    void aHeadOfItsOwnAndASharedPieceAreOneMessageOfAnyLength(int length) throws Exception {
        assertComesBack(text(length));
        assertComesBack(noise(length));
    }

    @Test
    void textShrinksAndNoiseHardlyGrows() {
        assertThat(Deflate.packed(text(64_000)).length()).isLessThan(16_000);
        assertThat(Deflate.packed(noise(64_000)).length()).isLessThan(64_100);
        assertThat(Deflate.packed(noise(100)).length()).isLessThan(110);
    }

    /** RFC 7692, section 7.2.1: these four bytes are left out, and put there again by the other side. */
    @ParameterizedTest
    @ValueSource(ints = {0, 100, 1_000, 300_000})
    void whatEndsEveryMessageIsLeftOut(int length) {
        byte[] piece = Deflate.packed(text(length)).getBytes();

        assertThat(Arrays.copyOfRange(piece, Math.max(0, piece.length - 4), piece.length))
                .isNotEqualTo(new byte[] {0, 0, -1, -1});
    }

    @Test
    void aPieceDoesNotDependOnWhatWasCompressedBefore() {
        Buffer piece = Deflate.packed(text(5_000));
        Deflate.packed(noise(5_000));

        assertThat(Deflate.packed(text(5_000))).isEqualTo(piece);
    }

    @Test
    void aBombIsNotUnpacked() {
        byte[] bomb = Deflate.packed(Buffer.buffer(new byte[50 << 20])).getBytes();

        assertThat(bomb.length).isLessThan(MOST);
        assertThatThrownBy(() -> inflate.unpacked(bomb, MOST))
                .isInstanceOfSatisfying(Inflate.BrokenException.class, broken -> assertThat(broken.isTooLong())
                        .isTrue());
    }

    @Test
    void asMuchAsIsAllowedIsUnpackedAndNotAByteMore() throws Exception {
        byte[] packed = Deflate.packed(text(10_000)).getBytes();

        assertThat(inflate.unpacked(packed, 10_000)).hasSize(10_000);
        assertThatThrownBy(() -> inflate.unpacked(packed, 9_999)).isInstanceOf(Inflate.BrokenException.class);
    }

    @Test
    void nonsenseIsToldAndDoesNoHarmToTheNext() throws Exception {
        byte[] nonsense = {7, 7, 7, 7, 7, 7, 7};

        assertThatThrownBy(() -> inflate.unpacked(nonsense, MOST))
                .isInstanceOfSatisfying(Inflate.BrokenException.class, broken -> assertThat(broken.isTooLong())
                        .isFalse());
        assertComesBack(text(1_000));
    }

    /** RFC 7692, section 7.2.3.4: a client that cannot flush ends its stream, and adds the beginning of an empty block. */
    @Test
    void aStreamThatEndsIsUnpackedToo() throws Exception {
        Deflater ending = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        ending.setInput(text(1_000).getBytes());
        ending.finish();
        byte[] out = new byte[1_000];
        int length = ending.deflate(out);
        ending.end();
        byte[] message =
                Buffer.buffer().appendBytes(out, 0, length).appendByte((byte) 0).getBytes();

        assertThat(inflate.unpacked(message, MOST)).isEqualTo(text(1_000).getBytes());
    }

    @Test
    void manySmallStreamsAreNotUnpacked() {
        Buffer empty = Buffer.buffer();
        for (int i = 0; i < 1_000; i++) {
            empty.appendBytes(new byte[] {3, 0});
        }

        assertThatThrownBy(() -> inflate.unpacked(empty.getBytes(), MOST)).isInstanceOf(Inflate.BrokenException.class);
    }
}
