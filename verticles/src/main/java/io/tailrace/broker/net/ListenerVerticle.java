// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.tailrace.broker.api.ApiRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntConsumer;

/** The part of a {@link KafkaListener} that lives on one event loop. */
final class ListenerVerticle extends VerticleBase {

    /** How often deadlines are looked at: they are seconds, and one timer for all connections is cheap. */
    private static final long SWEEP_MS = 500;

    private final ListenerConfig config;
    private final int port;
    private final ConnectionServices services;
    private final IntConsumer bound;
    private final Set<ClientConnection> connections = new HashSet<>();

    ListenerVerticle(ListenerConfig config, int port, ApiRegistry apis, ListenerPorts ports, IntConsumer bound) {
        this.config = config;
        this.port = port;
        this.services = new ConnectionServices(config, apis, ports);
        this.bound = bound;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(SWEEP_MS, timer -> sweep());
        return vertx.createNetServer(config.toNetServerOptions())
                .connectHandler(this::accept)
                .listen(port, config.host())
                .onSuccess(server -> bound.accept(server.actualPort()));
    }

    private void accept(NetSocket socket) {
        ChannelHandlerContext vertxHandler = ((NetSocketInternal) socket).channelHandlerContext();
        InetSocketAddress remote = (InetSocketAddress) vertxHandler.channel().remoteAddress();
        if (remote == null || !services.admits(remote)) {
            ChannelFuture unused = vertxHandler.channel().close();
            return;
        }
        ClientConnection connection = new ClientConnection(context, services, remote, connections::remove);
        connections.add(connection);
        vertxHandler.pipeline().addBefore(vertxHandler.name(), "kafka", connection);
    }

    private void sweep() {
        long nowMs = System.currentTimeMillis();
        for (ClientConnection connection : Set.copyOf(connections)) {
            connection.checkDeadlines(nowMs);
        }
    }
}
