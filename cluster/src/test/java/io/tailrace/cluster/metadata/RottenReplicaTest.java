// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerRequest.FailedReplica;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A replica that is to be copied anew while its node lives on: what it fetched before must not count after. */
class RottenReplicaTest {

    private final ControllerHarness harness = ControllerHarness.leadingThree();

    @BeforeEach
    void create() {
        harness.place(1, 2, 3, 1);
    }

    private void reportRot(int node) {
        var reply = (Done) harness.ask(new ReportFailedReplicas(
                node, harness.broker(node).epoch(), List.of(new FailedReplica(harness.id(), 0, true))));
        assertThat(reply.outcome().isOk()).isTrue();
    }

    @Test
    void theLeaderEpochGrowsThoughTheLeaderStays() {
        reportRot(3);

        assertThat(harness.partition().leader()).isEqualTo(2);
        assertThat(harness.partition().isr()).containsExactly(2, 1);
        assertThat(harness.partition().leaderEpoch()).isEqualTo(1);
    }

    @Test
    void theLeaderEpochGrowsForAReplicaThatWasOutOfSyncToo() {
        reportRot(3);
        int partitionEpoch = harness.partition().partitionEpoch();

        reportRot(3);

        assertThat(harness.partition().leaderEpoch()).isEqualTo(2);
        assertThat(harness.partition().partitionEpoch()).isGreaterThan(partitionEpoch);
        assertThat(harness.partition().isr()).containsExactly(2, 1);
    }

    @Test
    void theOnlyOneThatIsTrustedLeadsOnInItsEpoch() {
        reportRot(3);
        reportRot(1);
        PartitionImage before = harness.partition();

        reportRot(2);

        assertThat(harness.partition()).isEqualTo(before);
    }
}
