// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.replication.TestController;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ReadReplicasTest {

    private final TestController controller = new TestController();

    ReadReplicasTest() {
        for (int node = 1; node <= 4; node++) {
            long unused = controller.register(node, new Uuid(1, node), node == 4 ? "rack3" : "rack" + node);
            controller.fence(node, false);
        }
        controller.createTopic("t", List.of(1, 2, 3, 4), 1);
    }

    private OptionalInt preferred(int node, String rack) {
        PartitionImage partition = controller.partition("t");
        return ReadReplicas.preferred(controller.image(), partition, node, rack);
    }

    @Test
    void sendsAReaderToTheReplicaInItsRack() {
        assertThat(preferred(1, "rack2")).hasValue(2);
        assertThat(preferred(1, "rack3")).hasValue(3);
    }

    @Test
    void keepsAReaderThatIsNearTheLeaderOrNobodyOrSaysNothing() {
        assertThat(preferred(1, "rack1")).isEmpty();
        assertThat(preferred(1, "elsewhere")).isEmpty();
        assertThat(preferred(1, "")).isEmpty();
    }

    @Test
    void aFollowerSendsNobodyOn() {
        assertThat(preferred(2, "rack3")).isEmpty();
    }

    @Test
    void sendsNobodyToAReplicaThatIsOutOfSync() {
        controller.fence(3, true);
        assertThat(preferred(1, "rack3")).hasValue(4);
        controller.fence(4, true);
        assertThat(preferred(1, "rack3")).isEmpty();
    }
}
