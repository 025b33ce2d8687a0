// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.tailrace.broker.api.ApiRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a {@link KafkaListener} that lives on one event loop. */
final class ListenerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaListener.class);

    /** How often deadlines are looked at: they are seconds, and one timer for all connections is cheap. */
    private static final long SWEEP_MS = 500;

    private final ListenerConfig config;
    private final int port;
    private final ConnectionServices services;
    private final IntConsumer bound;
    private final Set<ClientConnection> connections = new HashSet<>();
    private @Nullable Promise<Void> draining;

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

    /** Completes when no connection is left, or the time for it is over. Any thread. */
    Future<Void> drain() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(start -> {
            draining = done;
            LOG.debug("draining: listener={} connections={}", config.name(), connections.size());
            Set.copyOf(connections).forEach(ClientConnection::drain);
            long timer = vertx.setTimer(Math.max(1, config.drainMs()), late -> cut(done));
            done.future().onComplete(end -> vertx.cancelTimer(timer));
            completeIfDrained();
        });
        return done.future();
    }

    private void cut(Promise<Void> done) {
        if (done.tryComplete()) {
            LOG.warn("connections cut while they were busy: listener={} count={}", config.name(), connections.size());
        }
    }

    private void completeIfDrained() {
        Promise<Void> done = draining;
        if (done != null && connections.isEmpty()) {
            done.tryComplete();
        }
    }

    private void onClosed(ClientConnection connection) {
        connections.remove(connection);
        completeIfDrained();
    }

    private void accept(NetSocket socket) {
        ChannelHandlerContext vertxHandler = ((NetSocketInternal) socket).channelHandlerContext();
        AcceptGate.handled(vertxHandler.channel());
        InetSocketAddress remote = (InetSocketAddress) vertxHandler.channel().remoteAddress();
        if (draining != null || remote == null || !services.admits(remote)) {
            ChannelFuture unused = vertxHandler.channel().close();
            return;
        }
        ClientConnection connection = new ClientConnection(context, services, remote, this::onClosed);
        connections.add(connection);
        vertxHandler.pipeline().addBefore(vertxHandler.name(), "kafka", connection);
    }

    private void sweep() {
        long nowMs = System.currentTimeMillis();
        for (ClientConnection connection : Set.copyOf(connections)) {
            connection.sweep(nowMs);
        }
        if (services.ports().memory().heap().isShort()) {
            endPatience();
        }
    }

    /** Long polls hold heap for no better reason than that nothing happens; their clients ask again. */
    private void endPatience() {
        for (ClientConnection connection : Set.copyOf(connections)) {
            connection.endPatience();
        }
    }
}
