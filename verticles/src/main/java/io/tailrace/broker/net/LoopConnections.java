// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kafka connections of one event loop, however they came: takes them in, looks at their deadlines, sees them out. */
final class LoopConnections {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaListener.class);

    /** How often deadlines are looked at: they are seconds, and one timer for all connections is cheap. */
    private static final long SWEEP_MS = 500;

    private static final long NONE = -1;

    private final Vertx vertx;
    private final Context context;
    private final ConnectionServices services;
    private final Set<ClientConnection> connections = new HashSet<>();
    private @Nullable Promise<Void> draining;

    /** Of the sweep; none while there is no connection. */
    private long sweepId = NONE;

    /** On the event loop of {@code context}, whose end is the end of its timer. */
    LoopConnections(Vertx vertx, Context context, ConnectionServices services) {
        this.vertx = vertx;
        this.context = context;
        this.services = services;
    }

    /**
     * Takes a connection, or closes it if there is no room.
     *
     * @param last the handler in the pipeline before which Kafka's bytes end
     */
    void take(ChannelHandlerContext last) {
        InetSocketAddress remote = (InetSocketAddress) last.channel().remoteAddress();
        if (draining != null || remote == null || !services.admits(remote)) {
            ChannelFuture unused = last.close(); // past Vert.x, which would wait for a WebSocket's goodbye
            return;
        }
        ClientConnection connection = new ClientConnection(context, services, remote, this::onClosed);
        connections.add(connection);
        context.runOnContext(taken -> sweepWhileThereIsSomebody());
        last.pipeline().addBefore(last.name(), "kafka", connection);
    }

    /** Completes when no connection is left, or the time for it is over. Any thread. */
    Future<Void> drain() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(start -> {
            draining = done;
            LOG.debug("draining: listener={} connections={}", services.config().name(), connections.size());
            Set.copyOf(connections).forEach(ClientConnection::drain);
            long timer = vertx.setTimer(Math.max(1, services.config().drainMs()), late -> cut(done));
            done.future().onComplete(end -> vertx.cancelTimer(timer));
            completeIfDrained();
        });
        return done.future();
    }

    private void cut(Promise<Void> done) {
        if (done.tryComplete()) {
            LOG.warn(
                    "connections cut while they were busy: listener={} count={}",
                    services.config().name(),
                    connections.size());
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

    private void sweepWhileThereIsSomebody() {
        if (sweepId == NONE && !connections.isEmpty()) {
            sweepId = vertx.setPeriodic(SWEEP_MS, timer -> sweep());
        } else if (sweepId != NONE && connections.isEmpty()) {
            vertx.cancelTimer(sweepId);
            sweepId = NONE;
        }
    }

    private void sweep() {
        long nowMs = System.currentTimeMillis();
        for (ClientConnection connection : Set.copyOf(connections)) {
            connection.sweep(nowMs);
        }
        if (services.ports().memory().heap().isShort()) {
            endPatience();
        }
        sweepWhileThereIsSomebody();
    }

    /** Long polls hold heap for no better reason than that nothing happens; their clients ask again. */
    private void endPatience() {
        for (ClientConnection connection : Set.copyOf(connections)) {
            connection.endPatience();
        }
    }
}
