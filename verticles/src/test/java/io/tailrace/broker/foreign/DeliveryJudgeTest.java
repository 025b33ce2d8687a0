// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.foreign.DeliveryJudge.Commit;
import io.tailrace.broker.foreign.DeliveryJudge.Delivery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeliveryJudgeTest {

    private static Delivery read(String member, long offset, long ms) {
        return new Delivery(member, 0, offset, "v" + offset, ms);
    }

    @Test
    void findsARecordThatIsReadAfterACommitBeyondIt() {
        List<Delivery> deliveries = List.of(read("a", 4, 100), read("b", 4, 200), read("b", 5, 201));
        assertThat(DeliveryJudge.readAfterCommit(deliveries, List.of(new Commit(0, 5, 150))))
                .containsExactly("0 at 4 by b, though 5 was committed");
    }

    @Test
    void letsARecordBeReadAgainThatWasNotCommittedOrIsOfAnotherPartition() {
        List<Delivery> deliveries = List.of(read("a", 4, 100), read("b", 4, 200));
        assertThat(DeliveryJudge.readAfterCommit(deliveries, List.of(new Commit(0, 4, 150), new Commit(1, 9, 150))))
                .isEmpty();
        assertThat(DeliveryJudge.readAfterCommit(deliveries, List.of(new Commit(0, 5, 250))))
                .isEmpty();
    }

    @Test
    void findsARecordThatTwoReadWhoLived() {
        assertThat(DeliveryJudge.readTwiceWithoutExcuse(List.of(read("a", 4, 0), read("b", 4, 0)), Map.of()))
                .hasSize(1);
    }

    @Test
    void findsARecordThatIsReadTwiceThoughTheDeadHadCommittedIt() {
        List<Delivery> deliveries = List.of(read("a", 4, 0), read("b", 4, 0));
        assertThat(DeliveryJudge.readTwiceWithoutExcuse(deliveries, Map.of("a", Map.of(0, 5L))))
                .hasSize(1);
    }

    @Test
    void excusesARecordThatTheDeadHadNotCommitted() {
        List<Delivery> deliveries = List.of(read("a", 4, 0), read("b", 4, 0));
        assertThat(DeliveryJudge.readTwiceWithoutExcuse(deliveries, Map.of("a", Map.of(0, 4L))))
                .isEmpty();
        assertThat(DeliveryJudge.readTwiceWithoutExcuse(deliveries, Map.of("a", Map.of())))
                .isEmpty();
    }

    @Test
    void findsARecordThatTheLivingReadTwiceThoughItsFirstReaderIsExcused() {
        List<Delivery> deliveries = List.of(read("a", 4, 0), read("b", 4, 0), read("c", 4, 0));
        assertThat(DeliveryJudge.readTwiceWithoutExcuse(deliveries, Map.of("a", Map.of(0, 4L))))
                .hasSize(1);
    }
}
