// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.broker.bus.RecordWire;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands calls over as the instances they are within a process, and as {@link RecordWire}'s bytes to another. */
final class ControllerCallCodec implements MessageCodec<ControllerCall, ControllerCall> {

    static final String NAME = "tailrace.controller";

    @Override
    public void encodeToWire(Buffer buffer, ControllerCall call) {
        Buffer body = Buffer.buffer();
        RecordWire.write(ControllerCall.class, call, body);
        buffer.appendInt(body.length()).appendBuffer(body);
    }

    @Override
    public ControllerCall decodeFromWire(int position, Buffer buffer) {
        int length = buffer.getInt(position);
        int start = position + Integer.BYTES;
        return RecordWire.read(ControllerCall.class, buffer.slice(start, start + length), 0);
    }

    @Override
    public ControllerCall transform(ControllerCall call) {
        return call;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
