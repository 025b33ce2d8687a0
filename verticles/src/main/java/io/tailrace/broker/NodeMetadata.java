// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.api.NodeFeatures;
import io.tailrace.broker.api.NodeProperties;
import io.tailrace.broker.api.QuorumState;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.KnownKeys;
import io.tailrace.broker.config.ListenerAddress;
import io.tailrace.broker.controller.CleanShutdown;
import io.tailrace.broker.controller.ControlPlane;
import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.broker.controller.MetaProperties;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.config.KafkaConfigPolicy;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.quorum.RatisMetadataLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/** The metadata of the cluster on this node, as this node's configuration wants it. */
final class NodeMetadata {

    private static final long REGISTRATION_TIMEOUT_MS = 60_000;
    private static final long QUORUM_TIMEOUT_MS = 3_000;

    /** Missed heartbeats after which a node that membership has lost sight of is fenced. */
    private static final int SUSPICION_HEARTBEATS = 2;

    private final BrokerConfig config;
    private final NodeProperties properties;
    private final ControlPlane plane;
    private final ClusterSeat seat;
    private final MetaProperties directory;
    private final MetadataLog log;
    private final List<String> directoryIds;

    /** What this node confirmed may be missing from its disks. */
    private volatile boolean logLost;

    NodeMetadata(
            Vertx vertx,
            BrokerConfig config,
            ClusterSeat seat,
            List<MetaProperties> claimed,
            Consumer<Throwable> broken) {
        this.config = config;
        this.seat = seat;
        ConfigSchema keys = ConfigSchema.of(BrokerKeys.defineGroupDefaults(KnownKeys.definition()));
        this.properties = new NodeProperties(config.node().id(), keys, config.explicit());
        this.directory = claimed.get(0);
        this.directoryIds = claimed.stream().map(MetaProperties::directoryId).toList();
        this.log = new RatisMetadataLog(seat.quorum(directory), seat.transport());
        this.plane = new ControlPlane(
                vertx,
                controllerConfig(directory.clusterId()),
                config.cluster().heartbeatMs(),
                config.cluster().voters(),
                new KafkaConfigPolicy(keys, config.explicit()),
                log,
                reason -> broken.accept(new IllegalStateException(reason)));
        seat.onTrouble(plane::refused, plane::suspect);
    }

    MetadataView view() {
        return plane.images();
    }

    Uuid incarnationId() {
        return plane.incarnationId();
    }

    /** Whether the controller has heard of this node just now. From any thread. */
    boolean inTouch() {
        return plane.inTouch();
    }

    ControllerClient controller() {
        return plane.client();
    }

    NodeProperties properties() {
        return properties;
    }

    /** Opens the metadata log, and has this node let into it. */
    Future<?> start() {
        Future<Void> known = plane.start();
        seat.takePart(directory, log);
        return known;
    }

    /** Makes this node known, with the addresses that clients reach it by; done when it may lead. */
    Future<?> register(Vertx vertx) {
        Path dir = config.metadata().dir();
        return vertx.executeBlocking(() -> logLost ? -1L : CleanShutdown.read(dir, directoryIds))
                .compose(previousEpoch ->
                        plane.register(endpoints(), config.node().rack(), previousEpoch, REGISTRATION_TIMEOUT_MS))
                .compose(registered -> vertx.executeBlocking(() -> {
                    CleanShutdown.forget(dir);
                    return registered;
                }));
    }

    /** Has what this node leads moved to others, if there are any. Never fails. */
    Future<Void> leave() {
        long timeoutMs = config.cluster().shutdownMs();
        return timeoutMs > 0 ? plane.leave(timeoutMs) : Future.succeededFuture();
    }

    /** Notes that this node's logs are as it confirmed them: after the last of them is closed. */
    Future<Void> stoppedCleanly(Vertx vertx) {
        long epoch = plane.brokerEpoch();
        return epoch < 0 || logLost
                ? Future.succeededFuture()
                : vertx.executeBlocking(() -> {
                    CleanShutdown.leave(config.metadata().dir(), epoch, directoryIds);
                    return null;
                });
    }

    /** A log or a whole directory is offline: this start of the node cannot end cleanly. From any thread. */
    void logLost() {
        logLost = true;
    }

    /** Membership has lost sight of a node. From any thread. */
    void suspect(int nodeId) {
        plane.suspect(nodeId);
    }

    /** Who keeps the metadata log: as its leader sees it, or, if that one cannot be asked, as this node does. */
    Future<QuorumState> quorum() {
        return plane.client()
                .describeQuorum(QUORUM_TIMEOUT_MS)
                .otherwise(unreachable -> plane.quorum())
                .map(view -> QuorumState.of(view, System.currentTimeMillis()));
    }

    Future<Void> stop() {
        seat.leave();
        return plane.stop();
    }

    private ControllerConfig controllerConfig(String clusterId) {
        return new ControllerConfig(
                config.node().id(),
                clusterId,
                new ControllerConfig.TopicDefaults(
                        config.topics().partitions(),
                        config.topics().replicationFactor(),
                        config.topics().deletable()),
                NodeFeatures.levels(),
                Optional.empty(),
                new ControllerConfig.Liveness(
                        config.cluster().sessionTimeoutMs(),
                        SUSPICION_HEARTBEATS * config.cluster().heartbeatMs(),
                        config.cluster().rebalance(),
                        config.cluster().rebalanceIntervalMs()));
    }

    /**
     * What is not advertised is registered without an address, and clients are told the one they dialled. That works for a node alone; one of
     * several is also told of by others, who need to know where it is: where it listens, or this machine's name if it listens everywhere.
     */
    private List<Endpoint> endpoints() {
        return Stream.concat(config.listeners().bound().stream().map(this::endpointOf), Stream.of(webSocketEndpoint()))
                .toList();
    }

    /** Where Kafka's protocol is served over WebSocket: the gateway's port, on the host that clients of the first listener are told, if they are. */
    private Endpoint webSocketEndpoint() {
        ListenerAddress bound = config.http().webSocketListener();
        Optional<String> told = config.listeners().advertised().stream()
                .map(ListenerAddress::host)
                .findFirst();
        return endpoint(config.http()
                .advertised()
                .orElseGet(() -> new ListenerAddress(
                        bound.name(), bound.securityProtocol(), told.orElseGet(() -> hostOf(bound)), bound.port())));
    }

    private static Endpoint endpoint(ListenerAddress told) {
        return new Endpoint(told.name(), told.securityProtocol(), told.host(), told.port());
    }

    private Endpoint endpointOf(ListenerAddress bound) {
        return config.listeners().advertised().stream()
                .filter(advertised -> advertised.name().equals(bound.name()))
                .findFirst()
                .map(NodeMetadata::endpoint)
                .orElseGet(() -> new Endpoint(bound.name(), bound.securityProtocol(), hostOf(bound), bound.port()));
    }

    private String hostOf(ListenerAddress bound) {
        if (!config.cluster().isClustered()) {
            return "";
        }
        if (!bound.wildcard()) {
            return bound.host();
        }
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException nameless) {
            return config.cluster().advertised().map(PeerAddress::host).orElse("");
        }
    }
}
