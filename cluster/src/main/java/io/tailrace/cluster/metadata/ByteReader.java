// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/** What {@link ByteWriter} wrote. Every read is bounded by what is left; bytes that end early are a {@link MetadataFormatException}. */
final class ByteReader {

    private final byte[] bytes;
    private final int end;
    private int at;

    ByteReader(byte[] bytes, int from, int toExclusive) {
        this.bytes = bytes;
        this.at = from;
        this.end = toExclusive;
    }

    int position() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    void skip(int count) {
        need(count);
        at += count;
    }

    int u8() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    long i64() {
        need(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes[at++] & 0xFF;
        }
        return value;
    }

    long uvarint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7F) << shift;
            if ((next & 0x80) == 0) {
                return value;
            }
        }
        throw new MetadataFormatException("a number of more than ten bytes");
    }

    long varint() {
        long zigzag = uvarint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
    }

    int varint32() {
        long value = varint();
        if (value != (int) value) {
            throw new MetadataFormatException("number out of range: " + value);
        }
        return (int) value;
    }

    /** A count of things that take at least one byte each, so never more than what is left. */
    int count() {
        long count = uvarint();
        if (count < 0 || count > remaining()) {
            throw new MetadataFormatException("a count of " + count + " with " + remaining() + " bytes left");
        }
        return (int) count;
    }

    String text() {
        int length = count();
        String value = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    Uuid uuid() {
        return new Uuid(i64(), i64());
    }

    List<Integer> ints() {
        int count = count();
        List<Integer> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(varint32());
        }
        return List.copyOf(values);
    }

    Map<String, String> texts() {
        int count = count();
        Map<String, String> values = LinkedHashMap.newLinkedHashMap(count);
        for (int i = 0; i < count; i++) {
            values.put(text(), text());
        }
        return values;
    }

    private void need(int count) {
        if (count < 0 || count > end - at) {
            throw new MetadataFormatException("bytes end early: " + count + " wanted, " + (end - at) + " left");
        }
    }
}
