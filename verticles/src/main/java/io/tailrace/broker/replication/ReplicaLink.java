// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tailrace.broker.net.FrameAssembler;
import io.tailrace.cluster.bus.ReplicaCodec;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.tailrace.protocol.MalformedFrameException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection between two nodes that carries {@link ReplicaMessage}s: an int32 length, then {@link ReplicaCodec}'s bytes.
 *
 * <p>Sits in the pipeline before Vert.x's own handler, which would copy each buffer to the heap. Records go to the socket from where they were read
 * to, and what comes is assembled once, where it stays until it is written to the log: neither way touches the heap. That handler goes on to hear of
 * the ends of reads, at which it flushes what the handshake wrote.
 *
 * <p>One event loop, but for the methods that say otherwise.
 */
final class ReplicaLink extends ChannelInboundHandlerAdapter {

    /** Who is at this end. */
    interface Owner {

        /** @param frame what the message's records are slices of; the owner's to release */
        void take(ReplicaMessage message, ByteBuf frame);

        /** The connection is gone. Once. */
        void closed();
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLink.class);

    /** A batch has no bound here but what its producer was allowed; memory is only taken for what has come. */
    private static final int FRAME_BYTES_MAX = Integer.MAX_VALUE - Integer.BYTES;

    private final Owner owner;
    private final ChannelHandlerContext vertxHandler;
    private @Nullable FrameAssembler frames;
    private boolean closed;

    private ReplicaLink(ChannelHandlerContext vertxHandler, Owner owner) {
        this.vertxHandler = vertxHandler;
        this.owner = owner;
    }

    /** Takes the connection over; on its event loop. */
    static ReplicaLink over(NetSocket socket, Owner owner) {
        ChannelHandlerContext last = ((NetSocketInternal) socket).channelHandlerContext();
        ReplicaLink link = new ReplicaLink(last, owner);
        last.pipeline().addBefore(last.name(), "replica", link);
        return link;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext channel) {
        frames = new FrameAssembler(channel.alloc(), 1, bytes -> true);
    }

    /** Where the socket is to read to; null for a buffer of its own choice. */
    @Nullable
    ByteBuf target() {
        return frames == null ? null : frames.target();
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object bytes) {
        FrameAssembler open = frames;
        if (open == null) {
            ((ByteBuf) bytes).release();
            return;
        }
        open.feed((ByteBuf) bytes);
        try {
            ByteBuf frame = open.next(FRAME_BYTES_MAX);
            while (frame != null) {
                take(frame);
                frame = closed ? null : open.next(FRAME_BYTES_MAX);
            }
        } catch (MalformedFrameException | IllegalArgumentException nonsense) {
            LOG.warn("{}: {}", channel.channel().remoteAddress(), nonsense.getMessage());
            close();
        }
    }

    private void take(ByteBuf frame) {
        ReplicaMessage message;
        try {
            message = ReplicaCodec.decode(frame.nioBuffer());
        } catch (IllegalArgumentException nonsense) {
            frame.release();
            throw nonsense;
        }
        owner.take(message, frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        end();
        channel.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext channel) {
        end();
    }

    private void end() {
        FrameAssembler open = frames;
        if (open != null) {
            frames = null;
            closed = true;
            open.close();
            owner.closed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable failure) {
        if (!(failure instanceof IOException)) {
            LOG.error("{}: replication", channel.channel().remoteAddress(), failure);
        }
        close();
    }

    /** Any thread. */
    void send(ReplicaMessage message) {
        ByteBuf bytes = head(message);
        vertxHandler.executor().execute(() -> {
            ChannelFuture unused = vertxHandler.writeAndFlush(bytes, vertxHandler.voidPromise());
        });
    }

    /** Any thread. The answer is released when it is written, or cannot be. */
    void send(ReplicaTransport.Answer answer) {
        ReplicaMessage.Fetched fetched = answer.fetched();
        ByteBuf head = head(fetched);
        vertxHandler.executor().execute(() -> {
            ChannelFuture written = vertxHandler.write(head);
            for (ReplicaMessage.Result result : fetched.results()) {
                if (result.records().hasRemaining()) {
                    written = vertxHandler.write(Unpooled.wrappedBuffer(result.records()));
                }
            }
            // Writes complete in order, with success or without: when this one does, all before it have.
            written.addListener(done -> answer.release().run());
            vertxHandler.flush();
        });
    }

    private ByteBuf head(ReplicaMessage message) {
        int headBytes = ReplicaCodec.headBytes(message);
        ByteBuf head = vertxHandler.alloc().directBuffer(Integer.BYTES + headBytes);
        head.writeInt(ReplicaCodec.sizeBytes(message));
        ReplicaCodec.encodeHead(message, head.nioBuffer(Integer.BYTES, headBytes));
        return head.writerIndex(Integer.BYTES + headBytes);
    }

    /** Any thread. */
    void close() {
        vertxHandler.executor().execute(() -> {
            closed = true;
            ChannelFuture unused = vertxHandler.close();
        });
    }

    /** Runs something on the event loop. Any thread. */
    Future<Void> run(Runnable task) {
        Promise<Void> done = Promise.promise();
        vertxHandler.executor().execute(() -> {
            task.run();
            done.complete();
        });
        return done.future();
    }
}
