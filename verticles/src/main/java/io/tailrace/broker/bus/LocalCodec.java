// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Hands a local message over as the instance it is. There is one codec per address family; a family that also travels between nodes gets a
 * codec of its own with a binary form.
 */
final class LocalCodec implements MessageCodec<Call<?>, Call<?>> {

    private final String family;

    LocalCodec(String family) {
        this.family = family;
    }

    @Override
    public void encodeToWire(Buffer buffer, Call<?> call) {
        throw new UnsupportedOperationException(family + " messages never leave their process");
    }

    @Override
    public Call<?> decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException(family + " messages never leave their process");
    }

    @Override
    public Call<?> transform(Call<?> call) {
        return call;
    }

    @Override
    public String name() {
        return "tailrace." + family;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
