// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Fleet.Protocol;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.GroupType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running service is rolled from the classic protocol to the consumer protocol, and back, while records flow. */
class GroupMigrationIT {

    private static final int MEMBERS = 5;

    @TempDir
    Path dir;

    @Test
    void rollsAGroupToTheConsumerProtocolAndBackWhileRecordsFlow() throws Exception {
        try (BrokerFixture node = BrokerFixture.start(
                        dir,
                        "group.consumer.heartbeat.interval.ms",
                        "300",
                        "group.consumer.min.heartbeat.interval.ms",
                        "300");
                Fleet fleet = new Fleet(node.address(), 12, 45_000)) {
            fleet.startProducing();
            fleet.join(Protocol.CLASSIC, MEMBERS);
            fleet.untilSharedEvenly("before", 500);
            assertThat(type(fleet)).isEqualTo(GroupType.CLASSIC);

            roll(fleet, Protocol.CONSUMER, GroupType.CONSUMER);
            assertThat(type(fleet)).isEqualTo(GroupType.CONSUMER);

            roll(fleet, Protocol.CLASSIC, GroupType.CONSUMER);
            assertThat(type(fleet)).isEqualTo(GroupType.CLASSIC);

            fleet.stopProducing();
            fleet.untilAllIsRead("after");
            fleet.checkCommits();
        }
    }

    /** Replaces each member by one of the other protocol, one after the other. */
    private static void roll(Fleet fleet, Protocol to, GroupType onTheWay) throws Exception {
        for (Fleet.Member old : fleet.members()) {
            fleet.join(to);
            fleet.untilSharedEvenly("a " + to + " member has joined", 100);
            assertThat(type(fleet)).isEqualTo(onTheWay);
            fleet.leave(List.of(old));
            fleet.untilSharedEvenly("a member has left for it", 100);
        }
    }

    private static GroupType type(Fleet fleet) throws Exception {
        try (Admin admin = fleet.admin()) {
            return admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get(60, TimeUnit.SECONDS).stream()
                    .filter(listing -> listing.groupId().equals(Fleet.GROUP))
                    .findFirst()
                    .orElseThrow()
                    .type()
                    .orElseThrow();
        }
    }
}
