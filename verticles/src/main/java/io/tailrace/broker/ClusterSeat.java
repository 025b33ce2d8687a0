// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.ClusterConfig;
import io.tailrace.broker.controller.MetaProperties;
import io.tailrace.broker.peer.ClusterFormation;
import io.tailrace.broker.peer.ClusterFormation.Identity;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.broker.peer.PeerSecret;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.broker.peer.QuorumTransport;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.quorum.PeerTransport;
import io.tailrace.cluster.quorum.QuorumConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * This node's place among the others: its cluster port, and what it found out there. A node alone has no port and begins its own cluster.
 */
final class ClusterSeat {

    /** A voter needs an address; nobody dials it while there is no other voter. */
    private static final String NO_ADDRESS = "127.0.0.1:1";

    private final BrokerConfig config;
    private final PeerTransport transport;
    private final Optional<ClusterFormation> formation;
    private final Optional<PeerVerticle> peers;
    private final Identity identity;

    private ClusterSeat(
            BrokerConfig config,
            PeerTransport transport,
            Optional<ClusterFormation> formation,
            Optional<PeerVerticle> peers,
            Identity identity) {
        this.config = config;
        this.peers = peers;
        this.transport = transport;
        this.formation = formation;
        this.identity = identity;
    }

    /** Opens the cluster port, if there is to be one, and finds out which cluster this node belongs to. */
    static Future<ClusterSeat> take(Vertx vertx, BrokerConfig config) {
        ClusterConfig cluster = config.cluster();
        if (!cluster.isClustered()) {
            return Future.succeededFuture(new ClusterSeat(
                    config,
                    PeerTransport.none(),
                    Optional.empty(),
                    Optional.empty(),
                    new Identity(Optional.empty(), true)));
        }
        PeerVerticle peers = new PeerVerticle(cluster.listener().orElseThrow(), new PeerSecret(cluster.secret()));
        ClusterFormation formation = new ClusterFormation(
                vertx,
                peers,
                new ClusterFormation.Self(
                        config.node().id(), cluster.advertised().orElseThrow()),
                cluster.bootstrap(),
                cluster.beginNodes());
        QuorumTransport transport = new QuorumTransport(peers, formation::addressOf);
        return vertx.deployVerticle(peers)
                .compose(id -> vertx.executeBlocking(
                        () -> MetaProperties.find(config.storage().dirs())))
                .compose(known -> formation.identify(known.map(MetaProperties::clusterId), hasLog(config)))
                .map(identity ->
                        new ClusterSeat(config, transport, Optional.of(formation), Optional.of(peers), identity));
    }

    private static boolean hasLog(BrokerConfig config) {
        return Files.isDirectory(logDir(config));
    }

    private static Path logDir(BrokerConfig config) {
        return config.metadata().dir().resolve("__cluster_metadata");
    }

    /** The cluster that the others say this is; empty if this node's data decides. */
    Optional<String> clusterId() {
        return identity.clusterId();
    }

    /** The cluster port; empty for a node alone. */
    Optional<PeerVerticle> peers() {
        return peers;
    }

    PeerTransport transport() {
        return transport;
    }

    /**
     * @param refused told the id of each node whose machine says that nobody listens there
     * @param silent told the id of each node that does not answer the leader of the metadata log
     */
    void onTrouble(IntConsumer refused, IntConsumer silent) {
        if (transport instanceof QuorumTransport it) {
            it.onRefused(refused);
            it.onSilent(silent);
        }
    }

    /** How this node takes part in the metadata log. */
    QuorumConfig quorum(MetaProperties directory) {
        String address =
                config.cluster().advertised().map(PeerAddress::toString).orElse(NO_ADDRESS);
        QuorumConfig.Voter self = new QuorumConfig.Voter(config.node().id(), directory.directoryId(), address);
        long snapshotBytes = config.metadata().snapshotBytes();
        return identity.begins()
                ? QuorumConfig.single(logDir(config), directory.clusterId(), self, snapshotBytes)
                : QuorumConfig.joining(logDir(config), directory.clusterId(), self, snapshotBytes);
    }

    /** Lets others in from now on, and asks to be let in. */
    void takePart(MetaProperties directory, MetadataLog log) {
        formation.ifPresent(it -> it.takePart(
                directory.clusterId(),
                directory.directoryId(),
                log::describe,
                (node, directoryId, address) -> Future.fromCompletionStage(log.admit(
                        node, directoryId, address.toString(), config.cluster().voters()))));
    }

    void leave() {
        formation.ifPresent(ClusterFormation::stop);
    }
}
