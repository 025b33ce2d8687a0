// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtension;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.tailrace.gateway.wire.Inflate;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.impl.ShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket behind its handshake (RFC 6455), on Netty's frames. It takes the connection over from Vert.x, which keeps for each a queue for
 * writers on other threads and more that nothing here needs: six sevenths of the memory of an idle connection. Puts messages together, answers
 * pings, and says goodbye.
 *
 * <p>Belongs to the event loop of the socket. What it tells its listener, it tells on the Vert.x context it was given, of that event loop.
 */
final class FrameSocket extends ChannelInboundHandlerAdapter {

    static final int PROTOCOL_ERROR = 1002;
    static final int GOING_AWAY = 1001;
    static final int UNSUPPORTED = 1003;
    static final int BAD_DATA = 1007;
    static final int TOO_BIG = 1009;
    static final int RESTART = 1012;

    /** How long the other side may take to say goodbye, too. */
    private static final long CLOSING_MS = 10_000;

    /** The reserved bit that says so (RFC 7692). */
    private static final int PACKED = WebSocketExtension.RSV1;

    /** The same, when the node stops. */
    private static final long STOPPING_MS = 500;

    private final ContextInternal context;
    private final ChannelHandlerContext channel;
    private final int mostBytes;
    private final @Nullable Inflate inflate;
    private Listener listener = Listener.NOBODY;

    /** The beginning of a message in fragments; null while there is none. */
    private byte @Nullable [] begun;

    private boolean begunIsText;
    private boolean begunIsPacked;
    private boolean closing;

    /** What happens on a socket. */
    interface Listener {

        Listener NOBODY = new Listener() {};

        default void onText(String text) {}

        default void onBinary(byte[] bytes) {}

        default void onPong(ByteBuf content) {}

        /** The socket takes bytes again, after it did not. */
        default void onWritable() {}

        /** Nothing comes after this. */
        default void onClosed() {}
    }

    private FrameSocket(ContextInternal context, ServerWebSocket socket, int mostBytes, @Nullable Inflate inflate) {
        this.context = context;
        this.inflate = inflate;
        this.mostBytes = mostBytes;
        ChannelHandlerContext replaced = ((WebSocketInternal) socket).channelHandlerContext();
        replaced.pipeline().replace(replaced.name(), "socket", this);
        this.channel = replaced.pipeline().context(this);
        if (inflate != null) {
            letThroughPacked(replaced.pipeline());
        }
    }

    /** Vert.x has a decoder that knows of no extensions. */
    private void letThroughPacked(ChannelPipeline pipeline) {
        ChannelHandlerContext strict = pipeline.context(WebSocket13FrameDecoder.class);
        WebSocketDecoderConfig config = WebSocketDecoderConfig.newBuilder()
                .allowExtensions(true)
                .maxFramePayloadLength(mostBytes)
                .closeOnProtocolViolation(false)
                .build();
        pipeline.replace(strict.name(), strict.name(), new WebSocket13FrameDecoder(config));
    }

    /**
     * To be called before anything was read from the socket; it is nobody else's afterwards.
     *
     * @param mostBytes of one message
     * @param inflate if both sides have agreed to compress; else null
     */
    static FrameSocket takeOver(
            ServerWebSocket socket, ContextInternal context, int mostBytes, @Nullable Inflate inflate) {
        return new FrameSocket(context, socket, mostBytes, inflate);
    }

    /** Whether the other side takes compressed messages. */
    boolean takesPacked() {
        return inflate != null;
    }

    void listen(Listener told) {
        listener = told;
    }

    /** Where to write frames that are encoded: what lies between here and the encoder has nothing to do with them. */
    ChannelHandlerContext encoded() {
        ChannelHandlerContext encoder = channel.pipeline().context(WebSocketFrameEncoder.class);
        return encoder == null ? channel : encoder;
    }

    /** Nothing may be written any more. */
    boolean isClosed() {
        return closing || !channel.channel().isActive();
    }

    /** Reads no more until {@link #resume}; what was read is still told. */
    void pause() {
        channel.channel().config().setAutoRead(false);
    }

    void resume() {
        channel.channel().config().setAutoRead(true);
    }

    void close(int status, String reason) {
        if (!isClosed()) {
            closing = true;
            ChannelFuture unused =
                    channel.writeAndFlush(new CloseWebSocketFrame(status, reason), channel.voidPromise());
            endWithin(CLOSING_MS);
        }
    }

    private void endWithin(long delayMs) {
        Future<?> unused = channel.executor().schedule(this::end, delayMs, TimeUnit.MILLISECONDS);
    }

    private void end() {
        ChannelFuture unused = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext same, Object message) {
        try {
            if (message instanceof WebSocketFrame frame) {
                context.dispatch(frame, this::onFrame);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void onFrame(WebSocketFrame frame) {
        if (isOutOfOrder(frame)) {
            close(PROTOCOL_ERROR, "a reserved bit is set");
        } else if (frame instanceof CloseWebSocketFrame close) {
            onClose(close);
        } else if (closing) {
            return; // it was said before the other side heard
        } else if (frame instanceof PongWebSocketFrame) {
            listener.onPong(frame.content());
        } else if (frame instanceof PingWebSocketFrame) {
            pong(frame.content());
        } else {
            onPart(frame);
        }
    }

    /** Whether a bit is set that means nothing where it is. Only the first frame of a message says that it is compressed (RFC 7692, section 6.1). */
    private static boolean isOutOfOrder(WebSocketFrame frame) {
        boolean begins = frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame;
        return frame.rsv() != 0 && !(frame.rsv() == PACKED && begins);
    }

    /** Who asks without reading the answers gets none. */
    private void pong(ByteBuf content) {
        if (channel.channel().isWritable()) {
            ChannelFuture unused =
                    channel.writeAndFlush(new PongWebSocketFrame(content.retain()), channel.voidPromise());
        }
    }

    /** A message, or a part of one. That parts are of one message, the decoder has seen to. */
    private void onPart(WebSocketFrame frame) {
        boolean text = frame instanceof TextWebSocketFrame || begunIsText && !(frame instanceof BinaryWebSocketFrame);
        ByteBuf content = frame.content();
        byte[] before = begun;
        boolean packed = before == null ? frame.rsv() == PACKED : begunIsPacked;
        int length = content.readableBytes() + (before == null ? 0 : before.length);
        if (length > mostBytes) {
            close(TOO_BIG, "a message has at most " + mostBytes + " bytes");
        } else if (before == null && frame.isFinalFragment() && text && !packed) {
            listener.onText(content.toString(StandardCharsets.UTF_8));
        } else {
            byte[] bytes = joined(before, content);
            begun = frame.isFinalFragment() ? null : bytes;
            begunIsText = text && begun != null;
            begunIsPacked = packed && begun != null;
            if (frame.isFinalFragment()) {
                onWhole(bytes, text, packed);
            }
        }
    }

    private void onWhole(byte[] message, boolean text, boolean packed) {
        byte[] bytes = message;
        if (packed && inflate != null) {
            try {
                bytes = inflate.unpacked(message, mostBytes);
            } catch (Inflate.BrokenException broken) {
                close(broken.isTooLong() ? TOO_BIG : BAD_DATA, String.valueOf(broken.getMessage()));
                return;
            }
        }
        if (text) {
            listener.onText(new String(bytes, StandardCharsets.UTF_8));
        } else {
            listener.onBinary(bytes);
        }
    }

    private static byte[] joined(byte @Nullable [] before, ByteBuf content) {
        if (before == null) {
            return ByteBufUtil.getBytes(content);
        }
        byte[] bytes = Arrays.copyOf(before, before.length + content.readableBytes());
        content.getBytes(content.readerIndex(), bytes, before.length, content.readableBytes());
        return bytes;
    }

    /** Says the same, and ends. */
    private void onClose(CloseWebSocketFrame close) {
        if (closing) {
            end();
        } else {
            closing = true;
            ChannelFuture unused =
                    channel.writeAndFlush(close.retainedDuplicate()).addListener(ChannelFutureListener.CLOSE);
            endWithin(CLOSING_MS);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext same) {
        if (same.channel().isWritable()) {
            // Not within the flush that made room: what is written now would not be seen by it.
            context.runOnContext(later -> listener.onWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext same) {
        Listener told = listener;
        listener = Listener.NOBODY;
        begun = null;
        context.dispatch(ended -> told.onClosed());
    }

    /** The node stops, and does not wait long for anybody. */
    @Override
    public void userEventTriggered(ChannelHandlerContext same, Object event) {
        ReferenceCountUtil.release(event);
        if (event instanceof ShutdownEvent) {
            close(RESTART, "the server stops");
            endWithin(STOPPING_MS);
        }
    }

    /** The decoder says what the RFC has against a frame, and takes no more of them; as Vert.x configures it, it does not tell the other side. */
    @Override
    public void exceptionCaught(ChannelHandlerContext same, Throwable failure) {
        if (failure instanceof CorruptedWebSocketFrameException bad) {
            close(bad.closeStatus().code(), bad.closeStatus().reasonText());
        } else {
            end();
        }
    }
}
