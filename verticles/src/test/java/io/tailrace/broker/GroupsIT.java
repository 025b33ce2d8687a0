// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Fleet.Protocol;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stock Java consumers of either protocol in a group: they share the work, and lose none of it when members or the node die. */
class GroupsIT {

    /** {@code -Dtailrace.members=50} makes a large run of it. */
    private static final int MEMBERS = Integer.getInteger("tailrace.members", 10);

    /** {@code -Dtailrace.kills=50} makes a long run of it. */
    private static final int KILLS = Integer.getInteger("tailrace.kills", 2);

    private static final String[] SHORT_SESSIONS = {
        "group.consumer.heartbeat.interval.ms", "300",
        "group.consumer.min.heartbeat.interval.ms", "300",
        "group.consumer.session.timeout.ms", "6000",
        "group.consumer.min.session.timeout.ms", "6000"
    };

    /** Whoever is out of touch for longer than its session is replaced before it knows: that must not happen while the node restarts. */
    private static final String[] LONG_SESSIONS = {
        "group.consumer.heartbeat.interval.ms", "300",
        "group.consumer.min.heartbeat.interval.ms", "300"
    };

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void membersJoinLeaveDieAndReturnAndNothingIsLost(Protocol protocol) throws Exception {
        try (BrokerFixture node = BrokerFixture.start(dir, SHORT_SESSIONS);
                Fleet fleet = new Fleet(node.address(), 2 * MEMBERS, 6_000)) {
            fleet.startProducing();
            fleet.join(protocol, MEMBERS);
            fleet.untilSharedEvenly("all have joined", 200);

            Map<String, Set<TopicPartition>> before = fleet.shares();
            fleet.leave(fleet.members().subList(0, MEMBERS / 3));
            fleet.untilSharedEvenly("a third has left", 200);
            fleet.shares()
                    .forEach((member, share) ->
                            assertThat(share).as("%s keeps what it had", member).containsAll(before.get(member)));

            fleet.kill(fleet.members().subList(0, 2));
            fleet.untilSharedEvenly("two have died", 200);

            fleet.join(protocol, MEMBERS - fleet.members().size());
            fleet.untilSharedEvenly("all are back", 200);

            fleet.stopProducing();
            fleet.untilAllIsRead("at the end");
            fleet.checkCommits();
            fleet.leave(fleet.members());
            try (Admin admin = node.admin()) {
                assertThat(admin.describeConsumerGroups(List.of(Fleet.GROUP))
                                .describedGroups()
                                .get(Fleet.GROUP)
                                .get(60, TimeUnit.SECONDS)
                                .groupState())
                        .isEqualTo(GroupState.EMPTY);
                admin.deleteConsumerGroups(List.of(Fleet.GROUP)).all().get(60, TimeUnit.SECONDS);
            }
        }
    }

    /** Each kill comes while members commit and one that has just joined makes the others give partitions up. */
    @ParameterizedTest
    @EnumSource(Protocol.class)
    void noCommitIsLostOrGoesBackWhenTheNodeIsKilledInTheMiddle(Protocol protocol) throws Exception {
        int port = freePort();
        Path data = Files.createDirectory(dir.resolve("data"));
        NodeProcess node = NodeProcess.launch(data, port, LONG_SESSIONS);
        try (Fleet fleet = new Fleet("127.0.0.1:" + port, 8, 45_000)) {
            fleet.startProducing();
            fleet.join(protocol, 3);
            fleet.untilSharedEvenly("before the first kill", 100);
            for (int kill = 1; kill <= KILLS; kill++) {
                Fleet.Member extra = fleet.join(protocol);
                // Anywhere between the first step of the rebalance and the work after it.
                TimeUnit.MILLISECONDS.sleep(kill * 397L % 2_000);
                node.close();
                node = NodeProcess.launch(data, port, LONG_SESSIONS);
                fleet.untilSharedEvenly("after kill " + kill, 100);
                fleet.checkCommits();
                fleet.leave(List.of(extra));
                // Else it might be back after the next kill, and the others wait for it until its session ends.
                fleet.untilSharedEvenly("the last to join has left", 0);
            }
            fleet.stopProducing();
            fleet.untilAllIsRead("after " + KILLS + " kills");
            fleet.checkCommits();
        } finally {
            node.close();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
