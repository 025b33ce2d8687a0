// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The memory of requests, without a socket in sight. */
final class RequestBudgetTest {

    private final RequestBudget budget = new RequestBudget(100);
    private final List<String> woken = new ArrayList<>();
    private final Object one = new Object();
    private final Object two = new Object();

    @Test
    void growsWhileThereIsRoom() {
        assertThat(budget.tryGrow(one, 60)).isTrue();
        assertThat(budget.tryGrow(two, 40)).isTrue();
        assertThat(budget.hasRoom()).isFalse();
    }

    @Test
    void letsOneOwnerOverdrawAndNoSecond() {
        budget.charge(100);

        assertThat(budget.tryGrow(one, 1000)).isTrue();
        assertThat(budget.tryGrow(two, 1)).isFalse();
        assertThat(budget.tryGrow(one, 1000)).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(2100);
    }

    @Test
    void handsThePrivilegeToTheNextHalfFrame() {
        budget.charge(100);
        assertThat(budget.tryGrow(one, 10)).isTrue();
        assertThat(budget.tryGrow(two, 10)).isFalse();
        budget.awaitRoom(() -> woken.add("new frame"));
        budget.awaitGrowth(true, 10, () -> woken.add("half frame"));
        assertThat(woken).isEmpty();

        budget.frameEnded(one);

        assertThat(woken).containsExactly("half frame");
        assertThat(budget.tryGrow(two, 10)).isTrue();
    }

    @Test
    void wakesInOrderOneByOne() {
        budget.charge(100);
        budget.awaitRoom(() -> woken.add("first"));
        budget.awaitRoom(() -> woken.add("second"));
        assertThat(woken).isEmpty();

        budget.release(100);
        assertThat(woken).containsExactly("first");
        budget.wakeNext();
        assertThat(woken).containsExactly("first", "second");
    }

    @Test
    void wakesAtOnceWhomRoomWasMadeForMeanwhile() {
        budget.charge(100);
        budget.release(1);

        budget.awaitRoom(() -> woken.add("late"));

        assertThat(woken).containsExactly("late");
    }

    @Test
    void wakesAtOnceHalfFrameThatMayOverdraw() {
        budget.charge(100);

        budget.awaitGrowth(true, 10, () -> woken.add("half frame"));

        assertThat(woken).containsExactly("half frame");
    }
}
