// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Fleet.Protocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stock Java consumers of either protocol in a group: they share the work, and lose none of it when members or the node die. */
class GroupsIT {

    /** {@code -Dtailrace.members=50} makes a large run of it. */
    private static final int MEMBERS = Integer.getInteger("tailrace.members", 10);

    /** {@code -Dtailrace.kills=50} makes a long run of it. */
    private static final int KILLS = Integer.getInteger("tailrace.kills", 2);

    /** So short that those who die are missed soon, so long that nobody who lives is, on a machine that is busy. */
    private static final int CLASSIC_SESSION_MS = 10_000;

    /** With the sessions of members as they are by default: whoever is out of touch for longer is replaced before it knows. */
    private static final String[] SETTINGS = {
        "group.consumer.heartbeat.interval.ms", "300",
        "group.consumer.min.heartbeat.interval.ms", "300"
    };

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void membersJoinLeaveDieAndReturnAndNothingIsLost(Protocol protocol) throws Exception {
        try (BrokerFixture node = BrokerFixture.start(dir, SETTINGS);
                Fleet fleet = new Fleet(node.address(), 2 * MEMBERS, CLASSIC_SESSION_MS)) {
            fleet.startProducing();
            fleet.join(protocol, MEMBERS);
            fleet.untilSharedEvenly("all have joined", 200);

            Map<String, Set<TopicPartition>> atFirst = fleet.shares();
            fleet.leave(fleet.members().subList(0, MEMBERS / 3));
            fleet.untilSharedEvenly("a third has left", 200);
            Map<String, Set<TopicPartition>> withoutAThird = fleet.shares();
            assertThat(Stickiness.needlessMoves(atFirst, withoutAThird)).isEmpty();

            fleet.kill(fleet.members().subList(0, 2));
            fleet.untilSharedEvenly("two have died", 200);
            Map<String, Set<TopicPartition>> withoutTheDead = fleet.shares();
            assertThat(Stickiness.needlessMoves(withoutAThird, withoutTheDead)).isEmpty();

            fleet.join(protocol, MEMBERS - fleet.members().size());
            fleet.untilSharedEvenly("all are back", 200);
            assertThat(Stickiness.needlessMoves(withoutTheDead, fleet.shares())).isEmpty();

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

    /** Many at once, who cannot take over what they are told before they have found out what it is: it may be less by then. */
    @Test
    void membersThatLearnTheirTopicFromTheirAssignmentNeverReadThePartitionsOfOthers() throws Exception {
        try (BrokerFixture node = BrokerFixture.start(dir, SETTINGS);
                Fleet fleet = new Fleet(node.address(), 2 * MEMBERS, CLASSIC_SESSION_MS)) {
            fleet.startProducing();
            fleet.joinByPattern(MEMBERS);
            fleet.untilSharedEvenly("all have joined", 200);
            fleet.stopProducing();
            fleet.untilAllIsRead("at the end");
            fleet.checkCommits();
        }
    }

    /** Each kill comes while members commit and one that has just joined makes the others give partitions up. */
    @ParameterizedTest
    @EnumSource(Protocol.class)
    void noCommitIsLostOrGoesBackWhenTheNodeIsKilledInTheMiddle(Protocol protocol) throws Exception {
        int port = FreePorts.one();
        Path data = Files.createDirectory(dir.resolve("data"));
        NodeProcess node = NodeProcess.launch(data, port, SETTINGS);
        try (Fleet fleet = new Fleet("127.0.0.1:" + port, 8, 45_000)) {
            fleet.startProducing();
            fleet.join(protocol, 3);
            fleet.untilSharedEvenly("before the first kill", 100);
            for (int kill = 1; kill <= KILLS; kill++) {
                Fleet.Member extra = fleet.join(protocol);
                // Anywhere between the first step of the rebalance and the work after it.
                TimeUnit.MILLISECONDS.sleep(kill * 397L % 2_000);
                node.close();
                node = NodeProcess.launch(data, port, SETTINGS);
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
}
