// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.ApiRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code listeners}: takes Kafka connections and gives their requests to the registered APIs.
 *
 * <p>One {@link ListenerVerticle} for each event loop; the connections are dealt out among them in turn, and everything of one connection
 * happens on one loop. Read on at {@link ClientConnection}.
 *
 * <p>Any thread.
 */
public final class KafkaListener {

    /** Vert.x binds instances with the same negative port to one free port; each listener needs a number of its own for that. */
    private static final AtomicInteger FREE_PORT = new AtomicInteger();

    private final Vertx vertx;
    private final ListenerConfig config;
    private final ApiRegistry apis;
    private final ListenerPorts ports;
    private final List<ListenerVerticle> loops = new CopyOnWriteArrayList<>();
    private @Nullable String deploymentId;

    /** Opens nothing yet. */
    public KafkaListener(Vertx vertx, ListenerConfig config, ApiRegistry apis, ListenerPorts ports) {
        this.vertx = vertx;
        this.config = config;
        this.apis = apis;
        this.ports = ports;
    }

    /** Binds and takes connections; completes with the port. Fails if the address cannot be bound. */
    public Future<Integer> listen() {
        int port = config.port() == 0 ? FREE_PORT.decrementAndGet() : config.port();
        AtomicInteger bound = new AtomicInteger();
        return vertx.deployVerticle(
                        () -> {
                            ListenerVerticle loop = new ListenerVerticle(config, port, apis, ports, bound::set);
                            loops.add(loop);
                            return loop;
                        },
                        new DeploymentOptions().setInstances(config.loops()))
                .map(id -> {
                    deploymentId = id;
                    return bound.get();
                });
    }

    /**
     * Takes no more connections, answers what is in hand or still arrives, and closes each connection when it is quiet; after {@link
     * ListenerConfig#drainMs} those that are not.
     */
    public Future<Void> close() {
        String id = deploymentId;
        deploymentId = null;
        return id == null
                ? Future.succeededFuture()
                : Future.join(loops.stream().map(ListenerVerticle::drain).toList())
                        .transform(drained -> vertx.undeploy(id));
    }
}
