// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerConfig.Liveness;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.FailedReplica;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A replica that is to be copied anew while its node lives on: what it fetched before must not count after. */
class RottenReplicaTest {

    private final ControllerHarness harness = ControllerHarness.leading(
                    new ControllerConfig(
                            1,
                            ControllerHarness.CLUSTER,
                            new TopicDefaults(1, 1, true),
                            Map.of(),
                            Optional.empty(),
                            new Liveness(6_000, 1_000, true, 60_000)),
                    ConfigPolicy.permissive())
            .withNodes("a", "a");

    @BeforeEach
    void create() {
        harness.ask(new CreateTopics(
                List.of(new NewTopic("t", -1, -1, new TreeMap<>(Map.of(0, List.of(2, 3, 1))), Map.of())), false));
    }

    private PartitionImage partition() {
        return harness.published().partition("t", 0).orElseThrow();
    }

    private void reportRot(int node) {
        ClusterImage image = harness.published();
        var reply = (Done) harness.ask(new ReportFailedReplicas(
                node,
                image.brokers().get(node).epoch(),
                List.of(new FailedReplica(image.topic("t").orElseThrow().id(), 0, true))));
        assertThat(reply.outcome().isOk()).isTrue();
    }

    @Test
    void theLeaderEpochGrowsThoughTheLeaderStays() {
        reportRot(3);

        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).containsExactly(2, 1);
        assertThat(partition().leaderEpoch()).isEqualTo(1);
    }

    @Test
    void theLeaderEpochGrowsForAReplicaThatWasOutOfSyncToo() {
        reportRot(3);
        int partitionEpoch = partition().partitionEpoch();

        reportRot(3);

        assertThat(partition().leaderEpoch()).isEqualTo(2);
        assertThat(partition().partitionEpoch()).isGreaterThan(partitionEpoch);
        assertThat(partition().isr()).containsExactly(2, 1);
    }

    @Test
    void theOnlyOneThatIsTrustedLeadsOnInItsEpoch() {
        reportRot(3);
        reportRot(1);
        PartitionImage before = partition();

        reportRot(2);

        assertThat(partition()).isEqualTo(before);
    }
}
