// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StickinessTest {

    private static Set<TopicPartition> share(int... partitions) {
        Set<TopicPartition> share = new HashSet<>();
        for (int partition : partitions) {
            share.add(new TopicPartition("t", partition));
        }
        return share;
    }

    @Test
    void findsAPartitionThatMovesBetweenTwoWhoStay() {
        assertThat(Stickiness.needlessMoves(
                        Map.of("a", share(0, 1), "b", share(2, 3)), Map.of("a", share(0, 2), "b", share(1, 3))))
                .containsExactlyInAnyOrder("t-1 went from a to b", "t-2 went from b to a");
    }

    @Test
    void letsPartitionsGoToWhoCameAndFromWhoIsGone() {
        assertThat(Stickiness.needlessMoves(
                        Map.of("a", share(0, 1), "gone", share(2)), Map.of("a", share(0, 2), "came", share(1))))
                .isEmpty();
    }
}
