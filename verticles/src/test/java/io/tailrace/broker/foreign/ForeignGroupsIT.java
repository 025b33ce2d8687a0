// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members of a group that are kcat, which is librdkafka, or kafkajs, each a process: they join, leave, are killed and return, and nothing is lost. */
@Tag("foreign-clients")
@Timeout(600)
final class ForeignGroupsIT {

    /** {@code -Dtailrace.members=50} makes a large run of it. */
    private static final int MEMBERS = Integer.getInteger("tailrace.members", 10);

    @TempDir
    static Path dir;

    @BeforeAll
    static void install() throws Exception {
        ForeignTools.require(dir);
        ForeignTools.installKafkajs(dir, "member.js");
    }

    @ParameterizedTest
    @EnumSource(names = {"KCAT", "KAFKAJS"})
    void everyRecordIsReadAndNoneTwiceWithinWhatWasCommitted(ProcessFleet.Client client) throws Exception {
        Path home = dir.resolve(client.name());
        try (BrokerFixture node = BrokerFixture.start(home.resolve("data"), "http.port", "0");
                ProcessFleet fleet = new ProcessFleet(client, node, home, 2 * MEMBERS)) {
            fleet.join(MEMBERS);
            fleet.untilShared("all have joined");
            fleet.leave(MEMBERS / 3);
            fleet.untilShared("a third has left");
            fleet.kill(2);
            fleet.untilShared("two have died");
            fleet.join(MEMBERS / 3 + 2);
            fleet.untilShared("all are back");
            fleet.stopProducing();
            fleet.untilAllIsRead();

            assertThat(fleet.readAgainThoughCommitted()).isEmpty();
        }
    }
}
