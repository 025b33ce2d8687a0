// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.KafkaSockets;
import io.tailrace.gateway.access.Access;
import io.tailrace.gateway.admin.AdminRoutes;
import io.tailrace.gateway.session.Admission;
import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.PublishSessions;
import io.tailrace.gateway.stream.Loop;
import io.tailrace.gateway.wire.Inflate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The HTTP server of one event loop, with all that hangs on it. */
public final class Listener {

    /** Long-lived connections of one event loop; further ones are told to come later. */
    private static final int MAX_CONNECTIONS = 50_000;

    private static final int MAX_HEADER_BYTES = 16 * 1024;

    /** A restart takes about that long: no use in coming back much sooner. */
    private static final long LEAST_SPREAD_MS = 2_000;

    private final HttpServer server;
    private final KafkaSockets.Loop kafka;
    private final Admission admission;
    private final Limits limits = Limits.defaults();
    private final Pulse pulse;

    /**
     * Who may come, and to what.
     *
     * @param allowedOrigins pages of which other origins may connect
     * @param handshakes how fast WebSockets are opened
     * @param compresses whether records are compressed for clients that want it
     * @param developmentTopic see {@code GatewayConfig}
     */
    public record Rules(
            int nodeId,
            List<String> allowedOrigins,
            Admission.Terms handshakes,
            boolean compresses,
            Optional<String> developmentTopic,
            Access access) {}

    /** What it serves. */
    public record Served(
            Loop loop,
            Assets assets,
            AdminRoutes admin,
            Supplier<Future<String>> scrape,
            PublishSessions sessions,
            KafkaSockets.Loop kafka) {}

    /** To be made on the context that is to serve. */
    public Listener(Vertx vertx, String host, Rules rules, MetadataView metadata, Served served) {
        this.server = vertx.createHttpServer(options());
        this.kafka = served.kafka();
        this.admission = new Admission(rules.handshakes(), System.nanoTime());
        this.pulse = new Pulse(vertx, MAX_CONNECTIONS, limits.pingMs());
        Shared shared = new Shared(
                rules.nodeId(),
                ((ContextInternal) vertx.getOrCreateContext()).unwrap(),
                served.loop(),
                new Topics(metadata),
                limits,
                pulse,
                served.sessions(),
                rules.compresses() ? new Inflate() : null);
        Routes.Rules whom = new Routes.Rules(
                rules.access(), new OriginPolicy(host, rules.allowedOrigins()), rules.developmentTopic());
        Handshakes handshakes = new Handshakes(vertx, shared, admission, whom, served.kafka());
        Routes routes = new Routes(shared, handshakes, whom, served);
        server.requestHandler(routes::onRequest);
    }

    /** Vert.x' compression is off: it would cost a dictionary for each connection, and work for each of them. */
    private HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions()
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setCompressionSupported(false)
                .setMaxWebSocketFrameSize(limits.frameBytes())
                .setMaxWebSocketMessageSize(limits.frameBytes())
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setHttp2ClearTextEnabled(false) // no browser speaks it
                .setTcpNoDelay(true)
                .setReuseAddress(true);
        SubProtocol.names().forEach(options::addWebSocketSubProtocol);
        return options;
    }

    /** @return the port in use */
    public Future<Integer> listen(int port, String host) {
        return server.listen(port, host).map(HttpServer::actualPort);
    }

    /** Says goodbye to everybody. */
    public Future<Void> close() {
        pulse.drain(Math.max(LEAST_SPREAD_MS, admission.spreadMs(pulse.size())));
        return kafka.drain().eventually(server::close);
    }
}
