// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.ClusterProcesses.Place;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Nodes that know one name, as that of a headless service: each has a network of its own and the same ports, and a file says what the name stands for, as
 * DNS would. Needs root.
 */
@ResourceLock(RootSite.NETWORK)
class DiscoveryIT {

    private static final String NAME = "nodes.tailrace.test";
    private static final int NODES = 4;

    @TempDir
    Path dir;

    private ClusterProcesses cluster;

    @Test
    void nodesFindEachOtherByOneNameAndNoneBeginsAlone() throws Exception {
        assumeTrue(Shell.isRoot());
        Path hosts = dir.resolve("hosts");
        try (RootSite site = new RootSite(dir.resolve("disks"), NODES);
                ClusterProcesses nodes = new ClusterProcesses(dir, places(site, hosts))) {
            cluster = nodes;
            // The first comes up where the name does not stand for the others yet.
            stands(hosts, site, 1);
            start(1);
            cluster.eventually(() -> {
                try (Socket open = new Socket(site.places().getFirst().host(), RootSite.CLUSTER_PORT)) {
                    assertThat(open.isConnected()).isTrue();
                }
            });
            stands(hosts, site, 3);
            start(2);
            start(3);
            for (int node = 1; node <= 3; node++) {
                awaitNodes(node, 3);
            }
            stands(hosts, site, 4);
            start(4);
            awaitNodes(4, 4);
            awaitNodes(1, 4);
            try (Admin admin = cluster.admin(4)) {
                admin.createTopics(List.of(new NewTopic("found", 4, (short) 4)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
                assertThat(admin.describeCluster().nodes().get(60, TimeUnit.SECONDS))
                        .extracting(Node::host)
                        .containsExactlyInAnyOrderElementsOf(
                                site.places().stream().map(Place::host).toList());
            }
        }
    }

    private static List<Place> places(RootSite site, Path hosts) {
        return site.places().stream()
                .map(it -> {
                    List<String> prefix = new ArrayList<>(it.prefix());
                    prefix.addAll(List.of("env", "JAVA_TOOL_OPTIONS=-Djdk.net.hosts.file=" + hosts));
                    return new Place(it.host(), it.kafkaPort(), it.clusterPort(), it.data(), prefix);
                })
                .toList();
    }

    private static void stands(Path hosts, RootSite site, int nodes) throws Exception {
        Path written = Files.writeString(
                hosts.resolveSibling("hosts.new"),
                site.places().stream()
                        .limit(nodes)
                        .map(it -> it.host() + " " + NAME + "\n")
                        .collect(Collectors.joining("", "127.0.0.1 localhost\n", "")));
        Files.move(written, hosts, StandardCopyOption.REPLACE_EXISTING);
    }

    private void start(int node) throws Exception {
        cluster.start(
                node,
                "controller.quorum.bootstrap.servers",
                NAME + ":" + RootSite.CLUSTER_PORT,
                "cluster.begin.nodes",
                "3");
    }

    private void awaitNodes(int at, int count) {
        try (Admin admin = cluster.admin(at)) {
            cluster.eventually(() -> assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                    .hasSize(count));
        }
    }
}
