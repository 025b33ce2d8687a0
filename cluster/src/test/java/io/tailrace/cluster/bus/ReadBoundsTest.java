// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ReadBoundsTest {

    @Test
    void opensTheGateWhenAllShardsTogetherHaveTheBytes() {
        ReadGate gate = new ReadGate(100);

        assertThat(gate.add(60)).isFalse();
        assertThat(gate.add(0)).isFalse();
        assertThat(gate.add(40)).isTrue();
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void keepsTheGateOpenOnceAnErrorOpenedIt() {
        ReadGate gate = new ReadGate(Integer.MAX_VALUE);
        gate.open();

        assertThat(gate.isOpen()).isTrue();
        assertThat(gate.add(0)).isTrue();
    }

    @Test
    void grantsNoMoreThanTheBudget() {
        ByteBudget budget = new ByteBudget(100);

        assertThat(budget.take(70)).isEqualTo(70);
        assertThat(budget.take(70)).isEqualTo(30);
        assertThat(budget.take(1)).isZero();
        budget.giveBack(20);
        assertThat(budget.take(70)).isEqualTo(20);
    }

    @Test
    void booksAFirstBatchThatIsLargerThanTheBudget() {
        ByteBudget budget = new ByteBudget(100);
        int granted = budget.take(100);
        budget.giveBack(granted - 500L);

        assertThat(budget.take(1)).isZero();
    }

    @Test
    void letsOneReaderGoBeyondTheBudgetOnly() {
        ByteBudget budget = new ByteBudget(0);

        assertThat(budget.claimFirst()).isTrue();
        assertThat(budget.claimFirst()).isFalse();
        budget.passFirst();
        assertThat(budget.claimFirst()).isTrue();
    }

    @Test
    void keepsAllIncarnationsOfAPartitionInOneShard() {
        PartitionKey old = new PartitionKey(new Uuid(1, 2), "orders", 7);
        PartitionKey anew = new PartitionKey(new Uuid(3, 4), "orders", 7);

        assertThat(old).isNotEqualTo(anew);
        assertThat(old.shard(5)).isEqualTo(anew.shard(5));
    }

    @Test
    void spreadsTheFewPartitionsOfATopicOverAllShards() {
        assertThat(java.util.stream.IntStream.range(0, 4)
                        .map(partition -> PartitionKey.shard("orders", partition, 4))
                        .distinct())
                .hasSize(4);
    }
}
