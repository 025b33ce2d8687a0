// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stock Java consumers of either protocol whose processes are killed: the others take over from the last commit. */
@Timeout(600)
final class KilledMembersIT {

    @TempDir
    static Path dir;

    @ParameterizedTest
    @EnumSource(names = {"JAVA_CLASSIC", "JAVA_CONSUMER"})
    void othersGoOnFromWhatTheDeadHadCommitted(ProcessFleet.Client client) throws Exception {
        Path home = dir.resolve(client.name());
        try (BrokerFixture node = BrokerFixture.start(
                        home.resolve("data"),
                        "http.port",
                        "0",
                        "group.consumer.heartbeat.interval.ms",
                        "500",
                        "group.consumer.min.heartbeat.interval.ms",
                        "500",
                        "group.consumer.session.timeout.ms",
                        "10000",
                        "group.consumer.min.session.timeout.ms",
                        "10000");
                ProcessFleet fleet = new ProcessFleet(client, node, home, 6)) {
            fleet.join(3);
            fleet.untilShared("all have joined");
            fleet.kill(1);
            fleet.untilShared("one has died");
            fleet.join(1);
            fleet.untilShared("another has come");
            fleet.leave(1);
            fleet.untilShared("one has left");
            fleet.stopProducing();
            fleet.untilAllIsRead();

            assertThat(fleet.readAgainThoughCommitted()).isEmpty();
        }
    }
}
