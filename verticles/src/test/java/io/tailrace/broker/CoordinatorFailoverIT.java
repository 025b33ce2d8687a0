// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Fleet.Protocol;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three nodes as three processes, and a group whose coordinator is killed while members commit and report: another node that has the records of
 * the group goes on with it.
 */
class CoordinatorFailoverIT {

    private static final String[] SETTINGS = {
        "offsets.topic.num.partitions", "4",
        "group.consumer.heartbeat.interval.ms", "300",
        "group.consumer.min.heartbeat.interval.ms", "300"
    };

    @TempDir
    private static Path dir;

    private static ClusterProcesses cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ClusterProcesses(dir, 3);
        for (int node = 1; node <= 3; node++) {
            cluster.start(node, SETTINGS);
        }
        allInSync();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static void allInSync() {
        try (Admin admin = cluster.admin()) {
            cluster.eventually(() -> assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                    .hasSize(3));
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void membersGoOnAndNoCommitIsLostWhenTheCoordinatorIsKilled(Protocol protocol) throws Exception {
        String group = "workers-" + protocol;
        try (Admin admin = cluster.admin();
                Fleet fleet = new Fleet(bootstrap(), group, 6, (short) 3, 45_000)) {
            fleet.startProducing();
            fleet.join(protocol, 3);
            fleet.untilSharedEvenly("before the kill", 300);
            Node coordinator = describe(admin, group).coordinator();

            cluster.kill(coordinator.id());

            fleet.untilSharedEvenly("after the kill", 300);
            fleet.checkCommits();
            cluster.eventually(() -> {
                ConsumerGroupDescription after = describe(admin, group);
                assertThat(after.coordinator().id()).isNotEqualTo(coordinator.id());
                assertThat(after.members()).hasSize(3);
            });
            fleet.join(protocol);
            fleet.untilSharedEvenly("one more has joined at the new coordinator", 100);
            fleet.stopProducing();
            fleet.untilAllIsRead("at the end");
            fleet.checkCommits();
            cluster.start(coordinator.id(), SETTINGS);
        } catch (AssertionError e) {
            throw new AssertionError(cluster.outputs(), e);
        }
        allInSync();
    }

    private static ConsumerGroupDescription describe(Admin admin, String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get(60, TimeUnit.SECONDS);
    }

    private static String bootstrap() {
        return IntStream.rangeClosed(1, 3).mapToObj(cluster::address).collect(Collectors.joining(","));
    }
}
