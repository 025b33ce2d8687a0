// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

import io.tailrace.gateway.admin.AdminRoutes;
import io.tailrace.gateway.http.Assets;
import io.tailrace.gateway.http.Listener;
import io.tailrace.gateway.log.Later;
import io.tailrace.gateway.log.LogReads;
import io.tailrace.gateway.log.Publisher;
import io.tailrace.gateway.log.Tails;
import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.PublishSessions;
import io.tailrace.gateway.stream.Growth;
import io.tailrace.gateway.stream.Loop;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The gateway on one event loop. All instances listen on the same port; each connection stays with one of them.
 *
 * <p>Needs a node that is registered and whose log shards listen. Stopping says goodbye to the connections; it must come before the shards
 * stop.
 */
public final class GatewayVerticle extends VerticleBase {

    private static final String WORKERS = "tailrace-gateway";

    /** Vert.x binds all that listen on the same negative port to one free port; far below the numbers that Kafka listeners use. */
    private static final int FREE_PORT = -1_000_000;

    private final GatewayConfig config;
    private final GatewayPorts ports;
    private final IntConsumer onListening;
    private @Nullable Listener listener;
    private @Nullable WorkerExecutor workers;

    /** @param onListening told the port when this instance listens, on its event loop */
    public GatewayVerticle(GatewayConfig config, GatewayPorts ports, IntConsumer onListening) {
        this.config = config;
        this.ports = ports;
        this.onListening = onListening;
    }

    /** For {@link GatewayPorts}: the publishers that a node remembers. */
    public static PublishSessions sessions() {
        return new PublishSessions(Limits.defaults());
    }

    @Override
    public Future<?> start() {
        WorkerExecutor pool = vertx.createSharedWorkerExecutor(
                WORKERS, Math.max(2, Runtime.getRuntime().availableProcessors()));
        workers = pool;
        return pool.executeBlocking(Assets::load).compose(assets -> {
            Later later = later();
            LogReads reads = new LogReads(ports.logs(), ports.metadata(), pool, later);
            Loop loop = new Loop(
                    vertx,
                    reads,
                    new Tails(ports.tails(), ports.logs(), pool, later),
                    new Publisher(ports.logs()),
                    new Growth(context, ports.metadata()),
                    ports.apis(),
                    ports.telling().metrics());
            AdminRoutes admin = new AdminRoutes(new AdminRoutes.Ports(
                    config.nodeId(),
                    ports.apis(),
                    ports.metadata(),
                    ports.logs(),
                    ports.telling().traffic()));
            Listener.Rules rules = new Listener.Rules(
                    config.nodeId(),
                    config.allowedOrigins(),
                    config.handshakes(),
                    config.compresses(),
                    config.developmentTopic(),
                    ports.access());
            Listener.Served served = new Listener.Served(
                    loop,
                    assets,
                    admin,
                    ports.telling().scrape(),
                    ports.sessions(),
                    ports.kafka().open(vertx, context));
            Listener made = new Listener(vertx, config.host(), rules, ports.metadata(), served);
            listener = made;
            return made.listen(config.port() == 0 ? FREE_PORT : config.port(), config.host())
                    .onSuccess(onListening::accept);
        });
    }

    private Later later() {
        return new Later() {
            @Override
            public void execute(Runnable task) {
                context.runOnContext(turn -> task.run());
            }

            @Override
            public void after(long delayNs, Runnable task) {
                vertx.setTimer(Math.max(1, Math.round(delayNs / 1e6)), due -> task.run());
            }
        };
    }

    @Override
    public Future<?> stop() {
        Listener made = listener;
        WorkerExecutor pool = workers;
        return (made == null ? Future.<Void>succeededFuture() : made.close())
                .eventually(() -> pool == null ? Future.succeededFuture() : pool.close());
    }
}
