// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.api.Authorizer;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.HttpConfig;
import io.tailrace.broker.metrics.Scrape;
import io.tailrace.broker.net.KafkaWebSockets;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.GatewayConfig;
import io.tailrace.gateway.GatewayMetrics;
import io.tailrace.gateway.GatewayPorts;
import io.tailrace.gateway.GatewayVerticle;
import io.tailrace.gateway.KafkaSockets;
import io.tailrace.gateway.admin.KafkaApis;
import io.tailrace.gateway.admin.Traffic;
import io.tailrace.gateway.log.LogShards;
import io.tailrace.gateway.log.TailReaders;
import io.tailrace.gateway.session.Admission;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway in this process: on every event loop, with the log and the rules of the broker.
 *
 * <p>If the port is taken, a node that was told to use it fails; one that would merely have used it by default serves Kafka clients without,
 * and says so.
 */
final class GatewayDeployment {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayDeployment.class);

    private final Vertx vertx;
    private final BrokerConfig config;
    private final AtomicReference<@Nullable String> deployed = new AtomicReference<>();

    GatewayDeployment(Vertx vertx, BrokerConfig config) {
        this.vertx = vertx;
        this.config = config;
    }

    /** What there is beside this node. */
    record Peers(LogShards logs, KafkaApis apis) {}

    /** What is told of the node's work. */
    record Telling(Traffic traffic, Scrape scrape, GatewayMetrics gateway) {}

    /** @return the port in use, if any is */
    Future<OptionalInt> start(
            Peers peers, MetadataView metadata, Authorizer authorizer, KafkaWebSockets kafka, Telling telling) {
        HttpConfig http = config.http();
        GatewayConfig settings = new GatewayConfig(
                config.node().id(),
                http.host(),
                http.port(),
                http.allowedOrigins(),
                // As many may wait as are let in within a second.
                new Admission.Terms(http.handshakesPerSecond(), http.handshakeBurst(), http.handshakesPerSecond()),
                http.compresses(),
                http.developmentTopic());
        GatewayPorts ports = new GatewayPorts(
                peers.logs(),
                metadata,
                authorizer::allows,
                peers.apis(),
                GatewayVerticle.sessions(),
                new TailReaders(),
                (loop, context) -> kafkaLoop(kafka.open(loop, context)),
                new GatewayPorts.Telling(telling.traffic(), telling.scrape()::text, telling.gateway()));
        AtomicInteger bound = new AtomicInteger();
        DeploymentOptions options =
                new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
        return vertx.deployVerticle(() -> new GatewayVerticle(settings, ports, bound::set), options)
                .map(id -> {
                    deployed.set(id);
                    return OptionalInt.of(bound.get());
                })
                .recover(failure -> withoutIt(http, failure));
    }

    private Future<OptionalInt> withoutIt(HttpConfig http, Throwable failure) {
        if (config.explicit().containsKey("http.port")) {
            return Future.failedFuture(failure);
        }
        LOG.warn(
                "no HTTP and WebSocket on this node: cannot listen on {}:{}: {}",
                http.host(),
                http.port(),
                failure.getMessage());
        return Future.succeededFuture(OptionalInt.empty());
    }

    Future<Void> stop() {
        String id = deployed.get();
        return id == null ? Future.succeededFuture() : vertx.undeploy(id);
    }

    private static KafkaSockets.Loop kafkaLoop(KafkaWebSockets.Loop loop) {
        return new KafkaSockets.Loop() {
            @Override
            public void take(ServerWebSocket socket) {
                loop.take(socket);
            }

            @Override
            public Future<Void> drain() {
                return loop.drain();
            }
        };
    }
}
