// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.config.ClusterConfig;
import io.tailrace.broker.peer.DirectMembership;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.broker.peer.PeerSecret;
import io.tailrace.cluster.membership.MembershipConfig;
import io.tailrace.cluster.membership.hazelcast.HazelcastMembership;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.file.FileSystemOptions;
import java.security.Security;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** How Vert.x runs in a broker: alone, or with an event bus that reaches the other nodes. All else is the same code. */
final class VertxSettings {

    /** A shard may wait for a disk; the checker is for code that hangs. */
    private static final long WORKER_WARNING_S = 30;

    /** A node that does not take a connection within this is not there. */
    private static final int BUS_CONNECT_MS = 2_000;

    /** How often a connection of the bus is tried, and how long an answer may take: one on which nothing comes back is closed within the sum. */
    private static final long BUS_PING_MS = 2_000;

    private static final long BUS_PONG_MS = 1_000;

    /** A name may stand for more nodes than a moment ago, or a node have moved; Java's own default is 30 s. */
    private static final String NAMES_CACHED = "networkaddress.cache.ttl";

    private static final String NAMES_CACHED_S = "5";

    private VertxSettings() {}

    static Vertx create() {
        return Vertx.vertx(options());
    }

    /**
     * Both listeners are called on any thread.
     *
     * @param lost told the id of each node that membership has lost sight of
     * @param ended told when this node's own membership has ended by itself, and the event bus with it
     */
    static Future<Vertx> createClustered(int nodeId, ClusterConfig config, IntConsumer lost, Runnable ended) {
        if (Security.getProperty(NAMES_CACHED) == null) {
            Security.setProperty(NAMES_CACHED, NAMES_CACHED_S);
        }
        PeerAddress bound = config.listener().orElseThrow();
        PeerAddress advertised = config.advertised().orElseThrow();
        MembershipConfig membership = new MembershipConfig(
                nodeId,
                "tailrace-" + new PeerSecret(config.secret()).derivedName("membership"),
                bound.host(),
                advertised.host(),
                bound.membershipPort(),
                config.bootstrap().stream()
                        .map(it -> it.host() + ":" + it.membershipPort())
                        .toList());
        VertxOptions options = options()
                .setEventBusOptions(new EventBusOptions()
                        .setHost(bound.host())
                        .setPort(bound.busPort())
                        .setClusterPublicHost(advertised.host())
                        .setClusterPublicPort(bound.busPort())
                        .setConnectTimeout(BUS_CONNECT_MS)
                        .setClusterPingInterval(BUS_PING_MS)
                        .setClusterPingReplyInterval(BUS_PONG_MS)
                        .setTcpNoDelay(true));
        return Vertx.builder()
                .with(options)
                .withClusterManager(new DirectMembership(
                        HazelcastMembership.configure(membership, lost, ended), nodeId, advertised))
                .buildClustered();
    }

    private static VertxOptions options() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(cores)
                .setWorkerPoolSize(Math.max(2, cores))
                .setInternalBlockingPoolSize(Math.max(2, cores))
                .setMaxWorkerExecuteTime(WORKER_WARNING_S)
                .setMaxWorkerExecuteTimeUnit(TimeUnit.SECONDS)
                .setBlockedThreadCheckInterval(5_000)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }
}
