// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import io.tailrace.broker.peer.PeerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How this node is one of several.
 *
 * @param listener what to bind for other nodes; empty for a node alone
 * @param advertised where other nodes reach it
 * @param bootstrap the cluster addresses of all nodes that are known beforehand; a name may stand for several
 * @param beginNodes how many nodes there are when the cluster begins; 0 for as many as {@code bootstrap} has entries
 * @param secret what all nodes of the cluster know; empty only for a node alone
 * @param voters how many nodes vote in the metadata log; further ones follow it
 * @param replicaLagMaxMs a follower that was not caught up for so long is out of sync
 * @param shutdownMs how long a clean stop waits for others to take over; 0 not to hand over
 */
public record ClusterConfig(
        Optional<PeerAddress> listener,
        Optional<PeerAddress> advertised,
        List<PeerAddress> bootstrap,
        int beginNodes,
        String secret,
        int voters,
        long heartbeatMs,
        long sessionTimeoutMs,
        long replicaLagMaxMs,
        boolean rebalance,
        long rebalanceIntervalMs,
        long shutdownMs) {

    static final Key<Optional<String>> LISTENER = Key.optional(
            "cluster.listener",
            "host:port, where the two ports after it are free too",
            "Where other nodes reach this one: the metadata log at this port, membership at the next, the event bus at the one after."
                    + " Empty: the node is alone. Whoever reaches the last two ports is trusted: bind them where only nodes are.");
    static final Key<Optional<String>> ADVERTISED = Key.optional(
            "cluster.advertised.host",
            "a host name or address",
            "What other nodes are told to dial, if it is not the host of cluster.listener. Where that one binds every interface: this machine's address.");
    static final Key<List<String>> BOOTSTRAP = Key.list(
            "controller.quorum.bootstrap.servers",
            "",
            "host:port of cluster.listener of all nodes, with commas between them; the same list on every node",
            "The nodes that this one looks for. Without data it joins the cluster that they are, or begins one with more than half of them."
                    + " A name that stands for several addresses, as a headless service's, is all of these; then cluster.begin.nodes must be set.");
    static final Key<Integer> BEGIN_NODES = Key.integer(
            "cluster.begin.nodes",
            0,
            0,
            "nodes",
            "How many nodes there are when the cluster begins: more than half of them must agree. 0: as many as"
                    + " controller.quorum.bootstrap.servers has entries. The same on every node.");
    static final Key<Optional<String>> SECRET = Key.optional(
            "cluster.secret",
            "any text, 16 characters or more",
            "What all nodes of the cluster know and nobody else does. Better in a file: cluster.secret.file.");
    static final Key<Optional<String>> SECRET_FILE = Key.optional(
            "cluster.secret.file", "a file", "File with the cluster's secret; white space around it does not count.");
    static final Key<Integer> VOTERS = Key.integer(
            "cluster.voters",
            3,
            1,
            7,
            "nodes",
            "Nodes that vote in the metadata log: the first that come. Any minority of them may be lost. Further nodes follow the log.");
    static final Key<Long> HEARTBEAT = Key.number(
            "broker.heartbeat.interval.ms",
            500,
            10,
            "milliseconds",
            "How often a node shows the controller that it lives. Kafka's default is 2000: a death would cost up to 4 s even when membership sees it.");
    static final Key<Long> SESSION = Key.number(
            "broker.session.timeout.ms",
            6_000,
            100,
            "milliseconds",
            "A node that is silent for so long leads nothing more; Kafka's default is 9000. One that membership has lost sight of has two"
                    + " heartbeats' time.");
    static final Key<Long> REPLICA_LAG = Key.number(
            "replica.lag.time.max.ms",
            10_000,
            100,
            "milliseconds",
            "A follower that was not caught up for so long is out of sync. Producers with acks=all"
                    + " wait no longer than that for one that hangs. Kafka's default is 30000.");
    static final Key<Boolean> REBALANCE = Key.flag(
            "auto.leader.rebalance.enable",
            true,
            "Whether preferred replicas are made leaders again when they can be.");
    static final Key<Long> REBALANCE_INTERVAL = Key.number(
            "leader.imbalance.check.interval.seconds",
            300,
            1,
            "seconds",
            "How often it is looked whether preferred replicas lead.");
    static final Key<Boolean> CONTROLLED_SHUTDOWN = Key.flag(
            "controlled.shutdown.enable",
            true,
            "Whether a node that is stopped first has what it leads moved to others; it waits 10 seconds for that at most.");

    static final List<Key<?>> KEYS = List.of(
            LISTENER,
            ADVERTISED,
            BOOTSTRAP,
            BEGIN_NODES,
            SECRET,
            SECRET_FILE,
            VOTERS,
            HEARTBEAT,
            SESSION,
            REPLICA_LAG,
            REBALANCE,
            REBALANCE_INTERVAL,
            CONTROLLED_SHUTDOWN);

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");
    private static final int SECRET_LENGTH_LEAST = 16;
    private static final long SHUTDOWN_MS = 10_000;

    public ClusterConfig {
        bootstrap = List.copyOf(bootstrap);
    }

    static ClusterConfig from(Settings settings) {
        Optional<PeerAddress> listener =
                settings.get(LISTENER).flatMap(text -> address(LISTENER.name(), text, settings));
        Optional<PeerAddress> advertised = listener.map(bound -> new PeerAddress(
                settings.get(ADVERTISED)
                        .orElseGet(() -> ListenerAddress.wildcard(bound.host())
                                ? ownHost().orElse(bound.host())
                                : bound.host()),
                bound.port()));
        List<PeerAddress> bootstrap = new ArrayList<>();
        settings.get(BOOTSTRAP)
                .forEach(text -> address(BOOTSTRAP.name(), text, settings).ifPresent(bootstrap::add));
        String secret = secret(settings);
        if (listener.isEmpty() && isAlone(bootstrap)) {
            settings.warning(BOOTSTRAP.name()
                    + " does nothing: it names one node on this machine, and cluster.listener is not set, so the"
                    + " node is alone");
            bootstrap.clear();
        } else if (listener.isEmpty() && !bootstrap.isEmpty()) {
            settings.problem(
                    "controller.quorum.bootstrap.servers is set, but cluster.listener is not: other nodes could"
                            + " not answer this one");
        }
        if (listener.isPresent() && secret.length() < SECRET_LENGTH_LEAST) {
            settings.problem(
                    "cluster.listener is set, so cluster.secret (or cluster.secret.file) must be " + SECRET.allowed());
        }
        if (advertised.filter(it -> ListenerAddress.wildcard(it.host())).isPresent()) {
            settings.problem("cluster.listener binds every interface, and this machine's name leads to none of them:"
                    + " cluster.advertised.host must say where this node is");
        }
        long heartbeatMs = settings.get(HEARTBEAT);
        if (settings.get(SESSION) < 2 * heartbeatMs) {
            settings.problem("broker.session.timeout.ms must be at least twice broker.heartbeat.interval.ms");
        }
        return new ClusterConfig(
                listener,
                advertised,
                bootstrap,
                settings.get(BEGIN_NODES),
                secret,
                settings.get(VOTERS),
                heartbeatMs,
                settings.get(SESSION),
                settings.get(REPLICA_LAG),
                settings.get(REBALANCE),
                settings.get(REBALANCE_INTERVAL) * 1_000,
                settings.get(CONTROLLED_SHUTDOWN) ? SHUTDOWN_MS : 0);
    }

    /** The address that this machine's name leads to, as a container's does; empty if that is none for others. */
    private static Optional<String> ownHost() {
        try {
            InetAddress own = InetAddress.getLocalHost();
            return own.isLoopbackAddress() || own.isAnyLocalAddress()
                    ? Optional.empty()
                    : Optional.of(own.getHostAddress());
        } catch (UnknownHostException nameless) {
            return Optional.empty();
        }
    }

    /** As Kafka's own server.properties for one node says it: {@code localhost:9093}. */
    private static boolean isAlone(List<PeerAddress> bootstrap) {
        return bootstrap.size() == 1 && LOOPBACK.contains(bootstrap.getFirst().host());
    }

    private static Optional<PeerAddress> address(String key, String text, Settings settings) {
        try {
            return Optional.of(PeerAddress.parse(text));
        } catch (IllegalArgumentException bad) {
            settings.problem(key + ": " + bad.getMessage());
            return Optional.empty();
        }
    }

    private static String secret(Settings settings) {
        Optional<String> file = settings.get(SECRET_FILE);
        if (file.isEmpty()) {
            return settings.get(SECRET).orElse("");
        }
        try {
            return Files.readString(Path.of(file.get())).strip();
        } catch (IOException unreadable) {
            settings.problem("cluster.secret.file: " + file.get() + " cannot be read: " + unreadable.getMessage());
            return "";
        }
    }

    /** Whether this node is made to be one of several. */
    public boolean isClustered() {
        return listener.isPresent();
    }

    /** The secret is not for logs. */
    @Override
    public String toString() {
        return "ClusterConfig[listener=" + listener + ", advertised=" + advertised + ", bootstrap=" + bootstrap + "]";
    }
}
