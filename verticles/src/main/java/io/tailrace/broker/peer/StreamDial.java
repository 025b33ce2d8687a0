// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.netty.channel.RecvByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes one connection to another node's cluster port that is given away for a use of its own: dial, handshake, one request that says what for.
 * Nothing is sent by the other side after its answer until it is spoken to, so no byte of what follows is lost here. One event loop.
 */
final class StreamDial {

    private final PeerSecret secret;
    private final PeerAddress to;
    private final int kind;
    private final RecvByteBufAllocator reads;
    private final Promise<NetSocket> made;
    private @Nullable NetSocket socket;
    private @Nullable Introduction introduction;
    private @Nullable PeerFrames frames;

    private StreamDial(
            PeerSecret secret, PeerAddress to, int kind, RecvByteBufAllocator reads, Promise<NetSocket> made) {
        this.secret = secret;
        this.to = to;
        this.kind = kind;
        this.reads = reads;
        this.made = made;
    }

    /**
     * @param reads where the connection is to read to, from its first byte on
     * @return the connection, on the event loop of the caller; fails if it cannot be had in time
     */
    static Future<NetSocket> open(
            Vertx vertx,
            NetClient client,
            PeerSecret secret,
            PeerAddress to,
            int kind,
            RecvByteBufAllocator reads,
            long timeoutMs) {
        Promise<NetSocket> made = ((ContextInternal) vertx.getOrCreateContext()).promise();
        StreamDial dial = new StreamDial(secret, to, kind, reads, made);
        client.connect(to.port(), to.host()).onSuccess(dial::connected).onFailure(dial::fail);
        long timer =
                vertx.setTimer(timeoutMs, late -> dial.fail(new TimeoutException(to + " does not answer in time")));
        return made.future().onComplete(ended -> vertx.cancelTimer(timer));
    }

    private void connected(NetSocket dialled) {
        if (made.future().isComplete()) {
            PeerVerticle.close(dialled);
            return;
        }
        socket = dialled;
        // Netty asks for it once, before the first read.
        ((NetSocketInternal) dialled).channelHandlerContext().channel().config().setRecvByteBufAllocator(reads);
        introduction = new Introduction(secret, dialled);
        PeerFrames taken = new PeerFrames(dialled, this::take);
        frames = taken;
        dialled.handler(taken);
        dialled.exceptionHandler(this::fail);
        dialled.closeHandler(closed -> fail(new IOException(to + " refuses this node; is the secret the same?")));
    }

    private void take(Buffer frame) {
        Introduction handshake = introduction;
        if (handshake == null) {
            answered(frame);
            return;
        }
        switch (handshake.take(frame)) {
            case GOES_ON -> {}
            case DONE -> ask();
            case NONSENSE -> fail(new IOException(to + " is no node"));
            case WRONG_SECRET -> fail(new IOException(to + " does not know the cluster's secret"));
        }
    }

    private void ask() {
        introduction = null;
        if (frames != null && socket != null) {
            frames.trusted();
            PeerVerticle.send(socket, Buffer.buffer().appendLong(0).appendByte((byte) kind));
        }
    }

    private void answered(Buffer frame) {
        if (frame.length() >= PeerVerticle.ANSWER_HEAD_BYTES && frame.getByte(Long.BYTES) == 0) {
            made.tryComplete(socket);
        } else {
            fail(new IOException(to + " does not take it: "
                    + frame.getBuffer(Math.min(frame.length(), PeerVerticle.ANSWER_HEAD_BYTES), frame.length())));
        }
    }

    private void fail(Throwable cause) {
        if (made.tryFail(cause) && socket != null) {
            PeerVerticle.close(socket);
        }
    }
}
