// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * A codec of the event bus for one family of records: hands them over as the instances they are within a process, and as {@link RecordWire}'s bytes
 * to another.
 *
 * @param <T> the sealed interface of the family
 */
public final class RecordCodec<T> implements MessageCodec<T, T> {

    private final Class<T> type;
    private final String name;

    /** @param name as messages name their codec; the same on every node */
    public RecordCodec(Class<T> type, String name) {
        this.type = type;
        this.name = name;
    }

    @Override
    public void encodeToWire(Buffer buffer, T message) {
        int start = buffer.length();
        buffer.appendInt(0); // its length, when that is known
        RecordWire.write(type, message, buffer);
        buffer.setInt(start, buffer.length() - start - Integer.BYTES);
    }

    @Override
    public T decodeFromWire(int position, Buffer buffer) {
        int length = buffer.getInt(position);
        int start = position + Integer.BYTES;
        return RecordWire.read(type, buffer.slice(start, start + length), 0);
    }

    @Override
    public T transform(T message) {
        return message;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
