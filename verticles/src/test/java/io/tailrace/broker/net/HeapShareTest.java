// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.protocol.NoRoomException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The heap that requests take, without a heap in sight. */
final class HeapShareTest {

    private static final long MIB = 1 << 20;

    private final RequestBudget heap = new RequestBudget(8 * MIB);
    private final HeapShare one = new HeapShare(heap);
    private final HeapShare two = new HeapShare(heap);
    private final HeapShare three = new HeapShare(heap);
    private final List<String> woken = new ArrayList<>();

    @Test
    void takesWhatIsReadAndGivesItBackWhenAnswered() {
        one.begin();
        assertThat(one.grants(512)).isTrue();
        long taken = one.handOver(10, 1_000);

        assertThat(heap.usedBytes()).isEqualTo(taken).isLessThan(10_000);
        one.settle(taken);
        assertThat(heap.usedBytes()).isZero();
    }

    @Test
    void oneRequestMayExceedTheBudgetAndNoSecond() {
        one.begin();
        one.payAnswer(20 * MIB);
        two.begin();
        assertThatThrownBy(() -> two.payAnswer(7 * MIB)).isInstanceOf(NoRoomException.class);
        two.giveBack();

        assertThat(heap.usedBytes()).isLessThan(21 * MIB);
    }

    @Test
    void connectionThatExceedsTheBudgetGetsNoFurtherRequest() {
        one.begin();
        one.payAnswer(20 * MIB);
        long taken = one.handOver(0, 20 * MIB);

        assertThatThrownBy(one::begin).isInstanceOf(NoRoomException.class);
        one.settle(taken);
        one.begin();
    }

    @Test
    void leavesRoomForSmallRequests() {
        one.begin();
        one.payAnswer(5 * MIB);
        two.begin();
        two.payAnswer(4 * MIB); // more than large requests may take: the one exception
        two.giveBack();
        three.begin();

        assertThat(three.grants(512)).isTrue();
    }

    @Test
    void wakesWhoWasRefusedWhenThereIsAllThatHeWanted() {
        one.begin();
        one.payAnswer(20 * MIB);
        long taken = one.handOver(0, 20 * MIB);
        two.begin();
        assertThatThrownBy(() -> two.payAnswer(3 * MIB)).isInstanceOf(NoRoomException.class);
        two.giveBack();
        two.await(() -> woken.add("two"));
        assertThat(woken).isEmpty();

        one.settle(taken);

        assertThat(woken).containsExactly("two");
        two.begin();
        two.payAnswer(3 * MIB);
    }
}
