// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells Netty where to read to: into the frame that is being assembled, or into a small buffer of adaptive size. One event loop. */
public final class FrameReads implements RecvByteBufAllocator {

    /**
     * Small, so that ten thousand quiet connections cost little; up to the size from which a frame has a buffer of its own anyway.
     */
    private static final AdaptiveRecvByteBufAllocator ADAPTIVE =
            new AdaptiveRecvByteBufAllocator(256, 1024, FrameAssembler.FIRST_BYTES);

    private final Supplier<@Nullable ByteBuf> target;

    public FrameReads(Supplier<@Nullable ByteBuf> target) {
        this.target = target;
    }

    @Override
    @SuppressWarnings("deprecation") // the type that Netty's own transports cast to
    public Handle newHandle() {
        return new Guided((ExtendedHandle) ADAPTIVE.newHandle());
    }

    @SuppressWarnings("deprecation")
    private final class Guided extends DelegatingHandle implements ExtendedHandle {

        private final ExtendedHandle adaptive;

        Guided(ExtendedHandle adaptive) {
            super(adaptive);
            this.adaptive = adaptive;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            ByteBuf frame = target.get();
            return frame != null ? frame : adaptive.allocate(alloc);
        }

        @Override
        public void reset(ChannelConfig config) {
            adaptive.reset(config);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreDataSupplier) {
            return adaptive.continueReading(maybeMoreDataSupplier);
        }
    }
}
