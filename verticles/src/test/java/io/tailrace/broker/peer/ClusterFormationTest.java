// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.peer.ClusterFormation.Identity;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Cluster ports of nodes without data, each on an address of its own on loopback. */
@EnabledOnOs(OS.LINUX) // where all of 127/8 is loopback
class ClusterFormationTest {

    private static final String NAME = "nodes";
    private static final long PATIENCE_S = 60;

    private final Vertx vertx = Vertx.vertx();
    private final int port = freePort();
    private final List<ClusterFormation> formations = new ArrayList<>();

    /** So many nodes does the name stand for. */
    private final AtomicInteger known = new AtomicInteger();

    private final AtomicInteger lookups = new AtomicInteger();

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String host(int node) {
        return "127.0.1." + node;
    }

    private PeerAddress address(int node) {
        return new PeerAddress(host(node), port);
    }

    private InetAddress[] lookUp(String host) throws UnknownHostException {
        if (!host.equals(NAME)) {
            return InetAddress.getAllByName(host);
        }
        lookups.incrementAndGet(); // one for each round
        InetAddress[] all = new InetAddress[known.get()];
        for (int node = 1; node <= all.length; node++) {
            all[node - 1] = InetAddress.getByName(host(node));
        }
        return all;
    }

    private ClusterFormation node(int id, List<PeerAddress> told, int nodes) throws Exception {
        PeerVerticle peers = new PeerVerticle(address(id), new PeerSecret("a secret of the test"));
        ClusterFormation formation = new ClusterFormation(
                vertx,
                peers,
                new ClusterFormation.Self(id, address(id)),
                new PeerNames(vertx, told, this::lookUp),
                nodes);
        await(vertx.deployVerticle(peers));
        formations.add(formation);
        return formation;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        formations.forEach(ClusterFormation::stop);
        await(vertx.close());
    }

    @Test
    void theLowestOfAListBeginsAndTheOthersJoin() throws Exception {
        List<PeerAddress> all = List.of(address(1), address(2), address(3));
        oneBeginsAndTwoJoin(all, 0);
    }

    @Test
    void nodesFindEachOtherByOneName() throws Exception {
        known.set(3);
        oneBeginsAndTwoJoin(List.of(new PeerAddress(NAME, port)), 3);
    }

    @Test
    void aNodeThatAPartOfTheNameStandsForDoesNotBeginAlone() throws Exception {
        known.set(1);
        List<PeerAddress> told = List.of(new PeerAddress(NAME, port));
        Future<Identity> first = node(1, told, 3).identify(Optional.empty(), false);
        Awaitility.await().atMost(PATIENCE_S, TimeUnit.SECONDS).until(() -> lookups.get() >= 3);
        assertThat(first.isComplete()).isFalse();
        Future<Identity> second = node(2, told, 3).identify(Optional.empty(), false); // it knows of the first
        Future<Identity> third = node(3, told, 5).identify(Optional.empty(), false);

        known.set(2);

        assertThat(await(first).begins()).isTrue();
        formations
                .get(0)
                .takePart("the cluster", "directory", () -> view(1), (node, directory, at) -> Future.succeededFuture());
        assertThat(await(second).clusterId()).contains("the cluster");
        assertThat(await(third).clusterId()).contains("the cluster");
    }

    private void oneBeginsAndTwoJoin(List<PeerAddress> told, int nodes) throws Exception {
        List<Future<Identity>> identified = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            identified.add(node(id, told, nodes).identify(Optional.empty(), false));
        }
        assertThat(await(identified.get(0)).begins()).isTrue();
        formations
                .get(0)
                .takePart("the cluster", "directory", () -> view(1), (node, directory, at) -> Future.succeededFuture());
        assertThat(await(identified.get(1))).isEqualTo(new Identity(Optional.of("the cluster"), false));
        assertThat(await(identified.get(2))).isEqualTo(new Identity(Optional.of("the cluster"), false));
        assertThat(formations.get(0).addressOf(2)).contains(address(2));
    }

    private static QuorumView view(int leader) {
        return new QuorumView(leader, 1, 1, List.of(new QuorumView.Member(leader, "directory", 1, 0)), List.of());
    }
}
