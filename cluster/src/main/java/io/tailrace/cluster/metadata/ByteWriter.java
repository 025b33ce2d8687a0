// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/** Bytes being written, growing as needed. Numbers are little-endian base-128 unless told otherwise. */
final class ByteWriter {

    private byte[] bytes;
    private int length;

    ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    void u8(int value) {
        ensure(1);
        bytes[length++] = (byte) value;
    }

    void raw(byte[] source) {
        ensure(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
    }

    void raw(ByteWriter source) {
        ensure(source.length);
        System.arraycopy(source.bytes, 0, bytes, length, source.length);
        length += source.length;
    }

    /** Eight bytes, big-endian. */
    void i64(long value) {
        ensure(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    void uvarint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    /** Zigzag, so that small negative numbers are short too. */
    void varint(long value) {
        uvarint((value << 1) ^ (value >> 63));
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        uvarint(utf8.length);
        raw(utf8);
    }

    void uuid(Uuid value) {
        i64(value.getMostSignificantBits());
        i64(value.getLeastSignificantBits());
    }

    void ints(List<Integer> values) {
        uvarint(values.size());
        for (int value : values) {
            varint(value);
        }
    }

    /** Sorted by key, so that equal maps have equal bytes. */
    void texts(Map<String, String> values) {
        uvarint(values.size());
        new TreeMap<>(values).forEach((key, value) -> {
            text(key);
            text(value);
        });
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
