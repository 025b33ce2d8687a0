// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.ChannelHandlerContext;
import io.tailrace.broker.api.ApiRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The part of a {@link KafkaListener} that lives on one event loop. */
final class ListenerVerticle extends VerticleBase {

    private final ListenerConfig config;
    private final int port;
    private final ConnectionServices services;
    private final IntConsumer bound;
    private @Nullable LoopConnections connections;

    ListenerVerticle(ListenerConfig config, int port, ApiRegistry apis, ListenerPorts ports, IntConsumer bound) {
        this.config = config;
        this.port = port;
        this.services = new ConnectionServices(config, apis, ports);
        this.bound = bound;
    }

    @Override
    public Future<?> start() {
        LoopConnections mine = new LoopConnections(vertx, context, services);
        connections = mine;
        return vertx.createNetServer(config.toNetServerOptions())
                .connectHandler(socket -> accept(mine, socket))
                .listen(port, config.host())
                .onSuccess(server -> bound.accept(server.actualPort()));
    }

    private static void accept(LoopConnections connections, NetSocket socket) {
        ChannelHandlerContext vertxHandler = ((NetSocketInternal) socket).channelHandlerContext();
        AcceptGate.handled(vertxHandler.channel());
        connections.take(vertxHandler);
    }

    /** Completes when no connection is left, or the time for it is over. Any thread. */
    Future<Void> drain() {
        return connections == null ? Future.succeededFuture() : connections.drain();
    }
}
