// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.Outcome;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane of one node, put together: the metadata log, the controller on it, the image that they make, and the client that asks.
 *
 * <p>In order: {@link #start} as early as the process can (reading the log and electing a leader take place beside all else), then {@link
 * #register} once the listeners' ports are known, then serve. Close by undeploying with Vert.x, or by {@link #stop}.
 */
public final class ControlPlane {

    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

    /** Between two attempts to register. */
    private static final long RETRY_MS = 100;

    /** The previous broker epoch of a node that was not stopped cleanly. */
    private static final long NOT_CLEAN = -1;

    private static final Set<Errors> WORTH_A_RETRY =
            Set.of(Errors.NOT_CONTROLLER, Errors.REQUEST_TIMED_OUT, Errors.DUPLICATE_BROKER_REGISTRATION);

    private final Vertx vertx;
    private final ControllerConfig config;
    private final long heartbeatMs;
    private final Consumer<String> nodeFailure;
    private final Uuid incarnationId;
    private final MetadataPublisher images = new MetadataPublisher();
    private final ControllerVerticle verticle;
    private final ControllerClient client;
    private final MetadataLog log;
    private volatile String deploymentId = "";
    private volatile @Nullable Heartbeat heartbeat;

    /**
     * @param heartbeatMs between two heartbeats
     * @param votersMost how many nodes are to vote in the metadata log
     * @param nodeFailure told once, and why, when the node must stop because its metadata can no longer be relied on, or it was taken out of
     *     the cluster; on an event loop
     */
    public ControlPlane(
            Vertx vertx,
            ControllerConfig config,
            long heartbeatMs,
            int votersMost,
            ConfigPolicy policy,
            MetadataLog log,
            Consumer<String> nodeFailure) {
        this.vertx = vertx;
        this.heartbeatMs = heartbeatMs;
        this.nodeFailure = nodeFailure;
        this.log = log;
        this.incarnationId = config.incarnationId().orElseGet(Uuid::randomUuid);
        this.config = new ControllerConfig(
                config.nodeId(),
                config.clusterId(),
                config.topics(),
                config.features(),
                Optional.of(incarnationId),
                config.liveness());
        this.verticle = new ControllerVerticle(this.config, policy, log, votersMost, images, nodeFailure);
        this.client = new BusControllerClient(vertx, config.nodeId(), images);
    }

    /** Opens the metadata log and waits until some node leads it. Fails if the log cannot be opened, or belongs to another cluster. */
    public Future<Void> start() {
        return vertx.deployVerticle(verticle)
                .onSuccess(id -> deploymentId = id)
                .compose(id -> verticle.controllerKnown());
    }

    /**
     * Tells the cluster that this node has started, and goes on to show that it lives. Done when the node may lead: registered, caught up with
     * the metadata log, and not fenced.
     *
     * @param endpoints where clients reach it
     * @param previousBrokerEpoch what the node had when it was last stopped cleanly; -1 if it was not
     * @param timeoutMs how long to keep trying: another process of the same node id may have to be fenced first
     * @return the broker epoch of this start
     */
    public Future<Long> register(
            List<Endpoint> endpoints, Optional<String> rack, long previousBrokerEpoch, long timeoutMs) {
        RegisterBroker request = new RegisterBroker(
                config.nodeId(), incarnationId, config.clusterId(), endpoints, rack, previousBrokerEpoch);
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        return register(request, deadlineNanos).compose(epoch -> {
            RegisterBroker again =
                    new RegisterBroker(config.nodeId(), incarnationId, config.clusterId(), endpoints, rack, NOT_CLEAN);
            Heartbeat beating = new Heartbeat(
                    vertx,
                    client,
                    images,
                    config.nodeId(),
                    epoch,
                    heartbeatMs,
                    () -> register(again, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs)),
                    nodeFailure);
            heartbeat = beating;
            beating.start();
            return untilActive(epoch)
                    .timeout(
                            Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())),
                            TimeUnit.MILLISECONDS);
        });
    }

    private Future<Long> untilActive(long epoch) {
        Promise<Long> active = Promise.promise();
        Consumer<ClusterImage> look = image -> {
            BrokerImage self = image.brokers().get(config.nodeId());
            if (self != null && self.epoch() >= epoch && self.active()) {
                active.tryComplete(epoch);
            }
        };
        images.onChange(look);
        look.accept(images.image());
        return active.future();
    }

    /**
     * Has what this node leads moved to others, and gives up leading the metadata log, as far as there is somebody to take over. Never fails;
     * after {@code timeoutMs} the node stops as it is.
     */
    public Future<Void> leave(long timeoutMs) {
        Heartbeat beating = heartbeat;
        if (beating == null || images.image().brokers().size() <= 1) {
            return Future.succeededFuture();
        }
        return beating.leave()
                .timeout(timeoutMs, TimeUnit.MILLISECONDS)
                .onFailure(slow -> LOG.warn("node={} stops before others have taken over", config.nodeId()))
                .otherwiseEmpty();
    }

    /** The broker epoch of this start, of its last registration; -1 before the node is registered. */
    public long brokerEpoch() {
        Heartbeat beating = heartbeat;
        return beating == null ? -1 : beating.brokerEpoch();
    }

    /**
     * Whether the controller has taken a heartbeat of this node that is younger than what it gives a suspected node: only then does nobody else lead
     * what this node leads, but for what is on its way here. A node alone always is. From any thread.
     */
    public boolean inTouch() {
        Heartbeat beating = heartbeat;
        return images.image().brokers().size() <= 1
                || beating != null && beating.silentMs() < config.liveness().suspicionMs();
    }

    /** Who keeps the metadata log, as this node sees it. */
    public QuorumView quorum() {
        return log.describe();
    }

    /** Membership has lost sight of a node. */
    public void suspect(int nodeId) {
        verticle.suspect(nodeId);
    }

    /** A connection to a node was refused. From any thread. */
    public void refused(int nodeId) {
        verticle.refused(nodeId);
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

    /** Gives up leading the metadata log, so that the others need not miss this node first, and closes it. */
    public Future<Void> stop() {
        Heartbeat beating = heartbeat;
        if (beating != null) {
            beating.stop();
        }
        if (deploymentId.isEmpty()) {
            return Future.succeededFuture();
        }
        Future<Void> handedOver = log.describe().leaderId() == config.nodeId()
                ? Future.fromCompletionStage(log.resign())
                : Future.succeededFuture();
        return handedOver
                .onFailure(alone -> LOG.info("node={} stops leading the metadata log without an heir", config.nodeId()))
                .otherwiseEmpty()
                .compose(any -> vertx.undeploy(deploymentId));
    }

    /** Drawn anew by each start of the process. */
    public Uuid incarnationId() {
        return incarnationId;
    }

    public ControllerClient client() {
        return client;
    }

    public MetadataView images() {
        return images;
    }
}
