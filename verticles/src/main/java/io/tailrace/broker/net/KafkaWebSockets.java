// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.tailrace.broker.api.ApiRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;

/**
 * Kafka's protocol over the gateway's port: the stream of bytes that would go over a plain socket, in binary WebSocket messages. What becomes of
 * a connection, and what it may do, is the same as at a {@link KafkaListener}: it is the same {@link ClientConnection}.
 */
public final class KafkaWebSockets {

    private final ListenerConfig config;
    private final ApiRegistry apis;
    private final ListenerPorts ports;

    /** Of {@code config} the name and the rules count; nothing is bound. */
    public KafkaWebSockets(ListenerConfig config, ApiRegistry apis, ListenerPorts ports) {
        this.config = config;
        this.apis = apis;
        this.ports = ports;
    }

    /** The part for one event loop; to be called on it. */
    public Loop open(Vertx vertx, Context context) {
        return new Loop(new LoopConnections(vertx, context, new ConnectionServices(config, apis, ports)));
    }

    /** Those of one event loop. */
    public static final class Loop {

        private final LoopConnections connections;

        private Loop(LoopConnections connections) {
            this.connections = connections;
        }

        /** Takes a WebSocket over from Vert.x as soon as it is open: no message of it may have been heard. */
        public void take(ServerWebSocket socket) {
            ChannelHandlerContext vertxHandler = ((WebSocketInternal) socket).channelHandlerContext();
            ChannelPipeline pipeline = vertxHandler.pipeline();
            // In this order: a decoder that is removed passes on what it has not looked at.
            pipeline.addBefore(vertxHandler.name(), "websocket-bytes", new WebSocketBytes());
            connections.take(vertxHandler);
            for (String codec : new String[] {"wsdecoder", "wsencoder"}) {
                if (pipeline.get(codec) != null) {
                    pipeline.remove(codec);
                }
            }
        }

        /** Completes when no connection is left, or the time for it is over. Any thread. */
        public Future<Void> drain() {
            return connections.drain();
        }
    }
}
