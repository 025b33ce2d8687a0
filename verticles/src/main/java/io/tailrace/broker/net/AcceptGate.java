// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stops taking connections from the system while too many of those taken wait for their event loop: they would pile up on the heap as long as
 * the loops are busy. In the system's queue ({@code socket.listen.backlog.size}) they cost nothing.
 *
 * <p>Sits in the pipeline of a listening socket, and sees each connection when it has been accepted. Any thread.
 */
@Sharable
final class AcceptGate extends ChannelInboundHandlerAdapter {

    /** A few for each turn of each loop. */
    static final int MOST_PENDING = 64;

    private static final String NAME = "accept-gate";
    private static final AttributeKey<AcceptGate> PENDING = AttributeKey.valueOf(AcceptGate.class, "pending");

    private final Channel listening;
    private final AtomicInteger pending = new AtomicInteger();

    private AcceptGate(Channel listening) {
        this.listening = listening;
    }

    /** The event loop of {@code connection} has come to it; the first to tell so puts the gate in place. */
    static void handled(Channel connection) {
        if (!settle(connection) && connection.parent() != null) {
            install(connection.parent());
        }
    }

    private static boolean settle(Channel connection) {
        AcceptGate gate = connection.attr(PENDING).getAndSet(null);
        if (gate != null) {
            gate.settled();
        }
        return gate != null;
    }

    private static void install(Channel listening) {
        listening.eventLoop().execute(() -> {
            if (listening.pipeline().get(NAME) == null) {
                listening.pipeline().addFirst(NAME, new AcceptGate(listening));
            }
        });
    }

    /** Takes no more connections at the socket that {@code connection} came from; those there are stay open. */
    static void shut(Channel connection) {
        if (connection.parent() != null) {
            ChannelFuture unused = connection.parent().close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object accepted) {
        Channel connection = (Channel) accepted;
        connection.attr(PENDING).set(this);
        connection.closeFuture().addListener(closed -> settle(connection));
        if (pending.incrementAndGet() >= MOST_PENDING) {
            listening.config().setAutoRead(false);
        }
        channel.fireChannelRead(accepted);
    }

    private void settled() {
        if (pending.decrementAndGet() == MOST_PENDING / 2) {
            listening.eventLoop().execute(() -> {
                if (listening.isOpen()) {
                    listening.config().setAutoRead(true);
                }
            });
        }
    }
}
