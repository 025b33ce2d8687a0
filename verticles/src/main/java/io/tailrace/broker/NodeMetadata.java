// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.api.NodeFeatures;
import io.tailrace.broker.api.NodeProperties;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.KnownKeys;
import io.tailrace.broker.config.ListenerAddress;
import io.tailrace.broker.controller.ControlPlane;
import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.broker.controller.MetaProperties;
import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.config.KafkaConfigPolicy;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.quorum.PeerTransport;
import io.tailrace.cluster.quorum.QuorumConfig;
import io.tailrace.cluster.quorum.RatisMetadataLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Consumer;

/** The metadata of the cluster on this node, as this node's configuration wants it. */
final class NodeMetadata {

    private static final long REGISTRATION_TIMEOUT_MS = 30_000;

    /** A voter needs an address; nobody dials it while there is no other voter. */
    private static final String NO_ADDRESS = "127.0.0.1:1";

    private final BrokerConfig config;
    private final NodeProperties properties;
    private final ControlPlane plane;

    NodeMetadata(Vertx vertx, BrokerConfig config, List<MetaProperties> claimed, Consumer<Throwable> broken) {
        this.config = config;
        ConfigSchema keys =
                ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(KnownKeys.definition())));
        this.properties = new NodeProperties(config.node().id(), keys, config.explicit());
        MetaProperties directory = claimed.get(0);
        this.plane = new ControlPlane(
                vertx,
                controllerConfig(directory.clusterId()),
                new KafkaConfigPolicy(keys, config.explicit()),
                new RatisMetadataLog(quorum(directory), PeerTransport.none()),
                reason -> broken.accept(new IllegalStateException(reason)));
    }

    MetadataView view() {
        return plane.images();
    }

    ControllerClient controller() {
        return plane.client();
    }

    NodeProperties properties() {
        return properties;
    }

    /** Opens the metadata log. */
    Future<?> start() {
        return plane.start();
    }

    /** Makes this node known, with the addresses that clients reach it by. */
    Future<?> register() {
        return plane.register(endpoints(), config.node().rack(), REGISTRATION_TIMEOUT_MS);
    }

    Future<Void> stop() {
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
                NodeFeatures.levels());
    }

    private QuorumConfig quorum(MetaProperties directory) {
        return QuorumConfig.single(
                config.metadata().dir().resolve("__cluster_metadata"),
                directory.clusterId(),
                new QuorumConfig.Voter(config.node().id(), directory.directoryId(), NO_ADDRESS),
                config.metadata().snapshotBytes());
    }

    /** What is not advertised is registered without an address: clients are told the one they dialled. */
    private List<Endpoint> endpoints() {
        return config.listeners().bound().stream().map(this::endpoint).toList();
    }

    private Endpoint endpoint(ListenerAddress bound) {
        return config.listeners().advertised().stream()
                .filter(advertised -> advertised.name().equals(bound.name()))
                .findFirst()
                .map(told -> new Endpoint(told.name(), told.securityProtocol(), told.host(), told.port()))
                .orElseGet(() -> new Endpoint(bound.name(), bound.securityProtocol(), "", bound.port()));
    }
}
