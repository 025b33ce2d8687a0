// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * The control plane of one node, put together: the metadata log, the controller on it, the image that they make, and the client that asks.
 *
 * <p>In order: {@link #start} as early as the process can (reading the log and electing a leader take place beside all else), then {@link
 * #register} once the listeners' ports are known, then serve. Close by undeploying with Vert.x, or by {@link #stop}.
 */
public final class ControlPlane {

    /** Between two attempts to register. */
    private static final long RETRY_MS = 100;

    private static final Set<Errors> WORTH_A_RETRY =
            Set.of(Errors.NOT_CONTROLLER, Errors.REQUEST_TIMED_OUT, Errors.DUPLICATE_BROKER_REGISTRATION);

    private final Vertx vertx;
    private final ControllerConfig config;
    private final Uuid incarnationId = Uuid.randomUuid();
    private final MetadataPublisher images = new MetadataPublisher();
    private final ControllerVerticle verticle;
    private final ControllerClient client;
    private volatile String deploymentId = "";

    /**
     * @param nodeFailure told once, and why, when the node must stop because its metadata can no longer be relied on; on an event loop
     */
    public ControlPlane(
            Vertx vertx, ControllerConfig config, ConfigPolicy policy, MetadataLog log, Consumer<String> nodeFailure) {
        this.vertx = vertx;
        this.config = config;
        this.verticle = new ControllerVerticle(config, policy, log, images, nodeFailure);
        this.client = new BusControllerClient(vertx, config.nodeId(), images);
    }

    /** Opens the metadata log and waits until some node leads it. Fails if the log cannot be opened, or belongs to another cluster. */
    public Future<Void> start() {
        return vertx.deployVerticle(verticle)
                .onSuccess(id -> deploymentId = id)
                .compose(id -> verticle.controllerKnown());
    }

    /**
     * Tells the cluster that this node has started.
     *
     * @param endpoints where clients reach it
     * @param timeoutMs how long to keep trying: another process of the same node id may have to be fenced first
     * @return the broker epoch of this start
     */
    public Future<Long> register(List<Endpoint> endpoints, Optional<String> rack, long timeoutMs) {
        RegisterBroker request =
                new RegisterBroker(config.nodeId(), incarnationId, config.clusterId(), endpoints, rack);
        return register(request, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    private Future<Long> register(RegisterBroker request, long deadlineNanos) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        return client.submit(request, Math.max(1, leftMs)).compose(reply -> {
            if (reply instanceof BrokerRegistered registered
                    && registered.outcome().isOk()) {
                return Future.succeededFuture(registered.brokerEpoch());
            }
            Outcome outcome = refusal(reply);
            if (WORTH_A_RETRY.contains(outcome.error()) && leftMs > RETRY_MS) {
                return vertx.timer(RETRY_MS).compose(any -> register(request, deadlineNanos));
            }
            return Future.failedFuture("Node " + config.nodeId() + " cannot join the cluster: " + outcome.message());
        });
    }

    private static Outcome refusal(ControllerReply reply) {
        return switch (reply) {
            case BrokerRegistered it -> it.outcome();
            case Refused it -> it.outcome();
            default -> throw new IllegalStateException("a registration was answered with " + reply);
        };
    }

    /** Closes the metadata log. */
    public Future<Void> stop() {
        return deploymentId.isEmpty() ? Future.succeededFuture() : vertx.undeploy(deploymentId);
    }

    public ControllerClient client() {
        return client;
    }

    public MetadataView images() {
        return images;
    }
}
