// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;

/**
 * Writes nothing and releases the records it meets. The generated writers know where in a message records are; so nobody here needs to.
 */
final class DiscardingWriter implements Writable {

    @Override
    public void writeByte(byte value) {}

    @Override
    public void writeShort(short value) {}

    @Override
    public void writeInt(int value) {}

    @Override
    public void writeLong(long value) {}

    @Override
    public void writeDouble(double value) {}

    @Override
    public void writeByteArray(byte[] bytes) {}

    @Override
    public void writeUnsignedVarint(int value) {}

    @Override
    public void writeByteBuffer(ByteBuffer bytes) {}

    @Override
    public void writeVarint(int value) {}

    @Override
    public void writeVarlong(long value) {}

    @Override
    public void writeRecords(BaseRecords records) {
        if (records instanceof SlicedRecords sliced) {
            sliced.release();
        }
    }
}
