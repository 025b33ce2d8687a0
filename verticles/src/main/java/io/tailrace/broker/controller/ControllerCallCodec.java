// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands calls over as the instances they are; a binary form comes with the second node. */
final class ControllerCallCodec implements MessageCodec<ControllerCall, ControllerCall> {

    static final String NAME = "tailrace.controller";

    @Override
    public void encodeToWire(Buffer buffer, ControllerCall call) {
        throw new UnsupportedOperationException("calls of the controller do not leave their process yet");
    }

    @Override
    public ControllerCall decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException("calls of the controller do not leave their process yet");
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
