// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.api.ApiCallVerticle;
import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.Authorizer;
import io.tailrace.broker.api.NodeProperties;
import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.CleanerConfig;
import io.tailrace.broker.config.ConsumerGroupConfig;
import io.tailrace.broker.config.GroupConfig;
import io.tailrace.broker.config.ListenerAddress;
import io.tailrace.broker.config.ScrubConfig;
import io.tailrace.broker.controller.MetaProperties;
import io.tailrace.broker.gateway.ClusterApis;
import io.tailrace.broker.gateway.ClusterLogs;
import io.tailrace.broker.gateway.NodeCallVerticle;
import io.tailrace.broker.gateway.NodeCalls;
import io.tailrace.broker.group.GroupCoordinatorVerticle;
import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.group.GroupLags;
import io.tailrace.broker.log.CleanerRules;
import io.tailrace.broker.log.CleanerVerticle;
import io.tailrace.broker.log.OpenFileShare;
import io.tailrace.broker.log.PartitionLogVerticle;
import io.tailrace.broker.log.ScrubRules;
import io.tailrace.broker.log.ScrubVerticle;
import io.tailrace.broker.log.ShardPorts;
import io.tailrace.broker.log.ShardRules;
import io.tailrace.broker.metrics.NodeMetrics;
import io.tailrace.broker.metrics.Scrape;
import io.tailrace.broker.net.KafkaListener;
import io.tailrace.broker.net.KafkaWebSockets;
import io.tailrace.broker.net.ListenerPorts;
import io.tailrace.broker.net.RequestBudget;
import io.tailrace.broker.peer.DirectMembership;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.broker.replication.LinkReplicaTransport;
import io.tailrace.broker.replication.ReplicaFetcherVerticle;
import io.tailrace.broker.replication.ReplicaPorts;
import io.tailrace.broker.replication.ReplicaServerVerticle;
import io.tailrace.broker.replication.ReplicaTransport;
import io.tailrace.cluster.group.GroupMachine;
import io.tailrace.cluster.group.GroupRules;
import io.tailrace.cluster.group.consumer.ConsumerKind;
import io.tailrace.cluster.group.consumer.ConsumerRules;
import io.tailrace.cluster.group.consumer.MigrationPolicy;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.admin.Traffic;
import io.tailrace.log.LogDirectories;
import io.tailrace.log.disk.RealDisk;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: puts the parts together, starts them in an order in which none needs what is not there yet, stops them in the opposite one.
 *
 * <p><b>Start.</b> One of several nodes first finds the others ({@link ClusterSeat}). The directories are claimed next. The metadata log and the
 * log shards then open side by side, since neither needs the other. When a controller is known the node registers, and has its image; the group coordinators load what they lead; then the listeners
 * take connections, so that no client is told of an empty cluster. The gateway comes last: Kafka clients are served already while it starts.
 *
 * <p><b>Stop.</b> What the node leads is moved to others first, as far as there are any. Then gateway and listeners: no more requests. Then the
 * coordinators and the cleaner, then the shards, which answer what they have, sync and close, then the metadata log.
 *
 * <p>Safe from any thread.
 */
public final class Broker {

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    /** The name of the gateway's port among {@link #ports}. */
    public static final String HTTP = "HTTP";

    /**
     * Who stops a node waits no longer than this: what was open is recovered by the next start. Longer than a slow disk takes to sync; shorter than the
     * patience of what kills containers, where that was raised as advised.
     */
    public static final long STOP_TIMEOUT_MS = 60_000;

    private final Vertx vertx;
    private final BrokerConfig config;
    private final Optional<PeerVerticle> peers;
    private final NodeMetadata metadata;
    private final Bus bus;
    private final Storage storage;
    private final LogDirectories directories;
    private final Promise<Throwable> broken = Promise.promise();
    private final List<String> shards = new ArrayList<>();
    private final List<String> coordinators = new ArrayList<>();
    private final List<String> cleaners = new ArrayList<>();
    private final GatewayDeployment gateway;
    private final List<KafkaListener> listeners = new ArrayList<>();
    private final NodeMetrics metrics = new NodeMetrics();
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    private Broker(Vertx vertx, BrokerConfig config, ClusterSeat seat, Storage storage) {
        this.vertx = vertx;
        this.config = config;
        this.peers = seat.peers();
        this.storage = storage;
        this.directories = storage.directories();
        this.metadata = new NodeMetadata(vertx, config, seat, storage.claimed(), broken::tryComplete);
        if (!directories.failures().isEmpty()) {
            metadata.logLost();
        }
        this.bus = new Bus(vertx, config.node().id(), config.node().shards());
        this.gateway = new GatewayDeployment(vertx, config);
    }

    /**
     * Starts a node; when the future is done, it serves. If it fails, all that was started is stopped again. Completes on any thread: the
     * contexts of a node that failed are gone with it.
     */
    public static Future<Broker> start(BrokerConfig config) {
        Promise<Broker> started = Promise.promise();
        Losses losses = new Losses();
        Future<Vertx> made = config.cluster().isClustered()
                ? VertxSettings.createClustered(config.node().id(), config.cluster(), losses, losses::ended)
                : Future.succeededFuture(VertxSettings.create());
        made.onFailure(started::fail).onSuccess(vertx -> ClusterSeat.take(vertx, config)
                .compose(seat -> vertx.<Storage>executeBlocking(() -> Storage.open(config, seat.clusterId()))
                        .map(storage -> new Broker(vertx, config, seat, storage)))
                .onSuccess(broker -> {
                    losses.tell(broker);
                    broker.startParts()
                            .onSuccess(serving -> started.complete(broker))
                            .onFailure(failure -> broker.giveUp(failure).onComplete(any -> started.fail(failure)));
                })
                .onFailure(failure -> vertx.close().onComplete(closed -> started.fail(failure))));
        return started.future();
    }

    /** Said at once: what has been started may take its time to stop, or not stop at all, and who waits for the node must learn why either way. */
    private Future<Void> giveUp(Throwable failure) {
        LOG.info("node={} cannot start, and stops: {}", config.node().id(), failure.toString());
        return stop().timeout(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .onFailure(stuck ->
                        LOG.error("node={} does not stop", config.node().id(), stuck));
    }

    /** Membership is there before the part that wants to know of losses. */
    private static final class Losses implements IntConsumer {

        private volatile @Nullable Broker broker;

        void tell(Broker listener) {
            broker = listener;
        }

        @Override
        public void accept(int nodeId) {
            Broker listener = broker;
            if (listener != null) {
                listener.metadata.suspect(nodeId);
            }
        }

        void ended() {
            Broker listener = broker;
            if (listener != null) {
                listener.broken.tryComplete(new IllegalStateException(
                        "this node's membership has ended, and its way to the other nodes with it"));
            }
        }
    }

    private Future<?> startParts() {
        return Future.all(metadata.start(), startShards())
                .compose(opened -> metadata.register(vertx))
                .compose(registered -> startCopying())
                .compose(copying -> startGroups())
                .compose(coordinating -> startCleaner())
                .compose(cleaning -> startScrub())
                .compose(scrubbing -> listen())
                .compose(this::startGateway)
                .onSuccess(port -> port.ifPresent(used -> bound(HTTP, used)));
    }

    private Future<OptionalInt> startGateway(KafkaWebSockets kafka) {
        Traffic traffic = new Traffic(metrics.listeners()::totals);
        vertx.setPeriodic(Traffic.INTERVAL_MS, tick -> traffic.tick());
        MetadataView view = metadata.view();
        int nodeId = config.node().id();
        GroupLags lags = new GroupLags(new GroupCoordinators(bus, view, nodeId), bus, view, nodeId);
        Scrape scrape = new Scrape(vertx, bus, view, lags, metrics);
        NodeCalls calls = new NodeCalls(vertx);
        GatewayDeployment.Peers peers = new GatewayDeployment.Peers(
                new ClusterLogs(vertx, nodeId, bus, view, calls), new ClusterApis(nodeId, bus, view, calls));
        return answerOtherNodes(calls)
                .compose(answering -> gateway.start(
                        peers,
                        view,
                        Authorizer.allowAll(),
                        kafka,
                        new GatewayDeployment.Telling(traffic, scrape, metrics.gateway())));
    }

    /** A node without a gateway of its own answers those of others too. */
    private Future<?> answerOtherNodes(NodeCalls calls) {
        return vertx.deployVerticle(new NodeCallVerticle(config.node().id(), bus, calls), NodeCallVerticle.options())
                .onSuccess(this::coordinating);
    }

    private Future<?> startShards() {
        NodeProperties properties = metadata.properties();
        ShardRules rules = new ShardRules(
                config.node().id(),
                OpenFileShare.ofShard(config.node().shards()),
                config.storage().minFreeBytes(),
                config.storage().retentionCheckMs(),
                config.transactions().producerIdExpirationMs(),
                config.cluster().replicaLagMaxMs(),
                config.fetch().byRack());
        ShardPorts shardPorts = new ShardPorts(
                bus,
                metadata.view(),
                directories,
                properties::layers,
                metrics.logs(),
                broken::tryComplete,
                metadata::logLost,
                metadata.controller(),
                metadata.incarnationId(),
                metadata::inTouch);
        List<Future<?>> deployed = new ArrayList<>();
        for (int shard = 0; shard < config.node().shards(); shard++) {
            deployed.add(vertx.deployVerticle(
                            new PartitionLogVerticle(shard, rules, shardPorts), PartitionLogVerticle.options(shard))
                    .onSuccess(this::deployed));
        }
        return Future.all(deployed);
    }

    private Future<?> startCleaner() {
        CleanerConfig cleaner = config.storage().cleaner();
        if (!cleaner.isEnabled()) {
            return Future.succeededFuture();
        }
        CleanerRules rules = new CleanerRules(cleaner.backoffMs(), cleaner.mapBytes(), cleaner.maxBytesPerSecond());
        return vertx.deployVerticle(new CleanerVerticle(bus, directories.disk(), rules), CleanerVerticle.options())
                .onSuccess(this::cleaning);
    }

    private Future<?> startScrub() {
        ScrubConfig scrub = config.storage().scrub();
        if (!scrub.isEnabled()) {
            return Future.succeededFuture();
        }
        ScrubRules rules = new ScrubRules(scrub.intervalMs(), scrub.maxBytesPerSecond());
        return vertx.deployVerticle(new ScrubVerticle(bus, directories.disk(), rules), ScrubVerticle.options())
                .onSuccess(this::cleaning);
    }

    private synchronized void cleaning(String verticle) {
        cleaners.add(verticle);
    }

    /** To other nodes and from them. */
    private Future<?> startCopying() {
        ReplicaPorts replicaPorts = new ReplicaPorts(
                config.node().id(),
                metadata.incarnationId(),
                bus,
                metadata.view(),
                replicaTransport(),
                config.cluster().replicaLagMaxMs(),
                config.storage().scrub().maxBytesPerSecond());
        return vertx.deployVerticle(new ReplicaServerVerticle(replicaPorts), ReplicaServerVerticle.options())
                .onSuccess(this::coordinating)
                .compose(serving -> vertx.deployVerticle(new ReplicaFetcherVerticle(replicaPorts)))
                .onSuccess(this::coordinating);
    }

    private ReplicaTransport replicaTransport() {
        if (peers.isEmpty() || !(((VertxInternal) vertx).clusterManager() instanceof DirectMembership membership)) {
            return ReplicaTransport.none();
        }
        return new LinkReplicaTransport(vertx, new LinkReplicaTransport.Nodes(peers.get(), membership::addressOf));
    }

    private Future<?> startGroups() {
        GroupConfig groups = config.groups();
        GroupRules rules = new GroupRules(
                groups.minSessionTimeoutMs(),
                groups.maxSessionTimeoutMs(),
                groups.maxSize(),
                groups.initialRebalanceDelayMs(),
                groups.offsetMetadataMaxBytes(),
                groups.offsetsRetentionMs(),
                groups.offsetsRetentionCheckMs());
        ConsumerRules consumerRules = consumerRules(groups.consumer());
        MetadataView view = metadata.view();
        GroupCoordinatorVerticle.Ports groupPorts = new GroupCoordinatorVerticle.Ports(
                bus,
                view,
                config.node().id(),
                journal -> new GroupMachine(
                        rules,
                        journal,
                        List.of((table, classic) -> new ConsumerKind(consumerRules, table, classic, view::image))));
        List<Future<?>> deployed = new ArrayList<>();
        for (int shard = 0; shard < config.node().shards(); shard++) {
            deployed.add(vertx.deployVerticle(new GroupCoordinatorVerticle(shard, groupPorts))
                    .onSuccess(this::coordinating));
        }
        return Future.all(deployed);
    }

    private static ConsumerRules consumerRules(ConsumerGroupConfig config) {
        return new ConsumerRules(
                new ConsumerRules.Bounded(
                        config.sessionTimeoutMs(), config.minSessionTimeoutMs(), config.maxSessionTimeoutMs()),
                new ConsumerRules.Bounded(
                        config.heartbeatIntervalMs(), config.minHeartbeatIntervalMs(), config.maxHeartbeatIntervalMs()),
                config.rebalanceHeartbeatIntervalMs(),
                config.maxSize(),
                config.regexRefreshMs(),
                MigrationPolicy.of(config.migrationPolicy()));
    }

    private synchronized void coordinating(String shard) {
        coordinators.add(shard);
    }

    private synchronized void deployed(String shard) {
        shards.add(shard);
    }

    /** With what the gateway needs to take Kafka connections too: the same APIs and the same budgets. */
    private Future<KafkaWebSockets> listen() {
        ApiRegistry apis = BrokerApis.of(config, bus, metadata);
        ListenerPorts listenerPorts =
                ListenerPorts.plain(new RequestBudget(config.network().queuedMaxBytes()), metrics.listeners());
        List<Future<?>> bound = new ArrayList<>();
        bound.add(vertx.deployVerticle(new ApiCallVerticle(bus, apis)));
        for (ListenerAddress address : config.listeners().bound()) {
            KafkaListener listener =
                    new KafkaListener(vertx, ListenerSettings.of(address, config), apis, listenerPorts);
            listeners.add(listener);
            bound.add(listener.listen().onSuccess(port -> bound(address.name(), port)));
        }
        KafkaWebSockets within = new KafkaWebSockets(
                ListenerSettings.of(config.http().webSocketListener(), config), apis, listenerPorts);
        return Future.all(bound).map(listening -> within);
    }

    private synchronized void bound(String listener, int port) {
        ports.put(listener, port);
    }

    /** The ports in use, by listener name; {@link #HTTP} is the gateway's. */
    public synchronized Map<String, Integer> ports() {
        return Map.copyOf(ports);
    }

    /** Completes, with the reason, if the node can go on no longer: the process must stop. */
    public Future<Throwable> broken() {
        return broken.future();
    }

    /** Stops cleanly: what was taken is answered, what was written is synced. Never fails; what went wrong is logged. */
    public Future<Void> stop() {
        Promise<Void> stopped = Promise.promise();
        metadata.leave()
                .compose(left -> stopAll(List.of(gateway.stop())))
                .compose(closed ->
                        stopAll(listeners.stream().map(KafkaListener::close).toList()))
                .compose(closed ->
                        stopAll(coordinators.stream().map(vertx::undeploy).toList()))
                .compose(
                        closed -> stopAll(cleaners.stream().map(vertx::undeploy).toList()))
                .compose(closed -> Future.join(
                                shards.stream().map(vertx::undeploy).toList())
                        .compose(whole -> metadata.stoppedCleanly(vertx))
                        .onFailure(failure -> LOG.warn("a log did not close cleanly", failure))
                        .otherwiseEmpty())
                .compose(closed -> stopAll(List.of(metadata.stop())))
                .onComplete(closed -> vertx.close().onComplete(gone -> {
                    storage.locks().close();
                    stopped.complete();
                }));
        return stopped.future();
    }

    private static Future<Void> stopAll(List<Future<Void>> parts) {
        return Future.join(parts)
                .onFailure(failure -> LOG.warn("a part of the node did not stop cleanly", failure))
                .transform(done -> Future.succeededFuture());
    }

    /** What is known of the disks before anything runs; they are this node's until the locks are closed. */
    private record Storage(DirectoryLocks locks, List<MetaProperties> claimed, LogDirectories directories) {

        static Storage open(BrokerConfig config, Optional<String> clusterId) throws Exception {
            List<Path> dirs = config.storage().dirs();
            DirectoryLocks locks = DirectoryLocks.take(dirs);
            try {
                List<MetaProperties> claimed =
                        MetaProperties.claim(dirs, config.node().id(), clusterId);
                return new Storage(locks, claimed, LogDirectories.open(new RealDisk(), dirs));
            } catch (Exception refused) {
                locks.close();
                throw refused;
            }
        }
    }
}
