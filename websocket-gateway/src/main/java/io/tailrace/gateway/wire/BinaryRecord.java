// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** A record in the form of {@link BinaryFrames}: its length goes before it, so that a reader can pass over what was added later. */
final class BinaryRecord {

    private BinaryRecord() {}

    static void write(FrameBytes out, Record record) {
        Header[] headers = record.headers();
        byte[][] names = new byte[headers.length][];
        long timestamp = record.timestamp() << 1 ^ record.timestamp() >> 63;
        int length = FrameBytes.varintSize(record.offset())
                + FrameBytes.varintSize(timestamp)
                + FrameBytes.blobSize(record.keySize())
                + FrameBytes.blobSize(record.valueSize())
                + FrameBytes.varintSize(headers.length);
        for (int i = 0; i < headers.length; i++) {
            names[i] = headers[i].key().getBytes(StandardCharsets.UTF_8);
            byte[] value = headers[i].value();
            length += FrameBytes.varintSize(names[i].length)
                    + names[i].length
                    + FrameBytes.blobSize(value == null ? -1 : value.length);
        }
        out.varint(length)
                .varint(record.offset())
                .varint(timestamp)
                .blob(record.key())
                .blob(record.value())
                .varint(headers.length);
        for (int i = 0; i < headers.length; i++) {
            byte[] value = headers[i].value();
            out.blobText(names[i]).blob(value == null ? null : ByteBuffer.wrap(value));
        }
    }
}
