// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.net.ConnectionClock.Observed;
import io.tailrace.broker.net.ConnectionClock.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Deadlines of a connection, on a clock that the test moves. */
final class ConnectionClockTest {

    private static final Observed QUIET = new Observed(true, false, 0, false, 0);

    private final ConnectionClock clock = new ConnectionClock(new ConnectionRules(1, 1, Map.of(), 1000, 300, 200), 0);

    @Test
    void isIdleAfterTheIdleTimeWithoutTraffic() {
        clock.active();
        assertThat(clock.check(900, QUIET)).isEqualTo(Verdict.FINE);
        assertThat(clock.check(1900, QUIET)).isEqualTo(Verdict.FINE);
        assertThat(clock.check(1901, QUIET)).isEqualTo(Verdict.IDLE);
    }

    @Test
    void isNotIdleWhileRequestsAreInHand() {
        assertThat(clock.check(5000, new Observed(true, false, 0, true, 0))).isEqualTo(Verdict.FINE);
    }

    @Test
    void isIdleWhenTheClientTakesNothingThoughThereIsSomething() {
        Observed stuck = new Observed(true, false, 0, false, 5000);
        assertThat(clock.check(500, stuck)).isEqualTo(Verdict.FINE);
        assertThat(clock.check(1501, stuck)).isEqualTo(Verdict.IDLE);
    }

    @Test
    void givesUpFramesThatDoNotGetOn() {
        Observed begun = new Observed(true, true, 10, false, 0);
        assertThat(clock.check(300, begun)).isEqualTo(Verdict.FINE);
        assertThat(clock.check(301, begun)).isEqualTo(Verdict.SLOW_FRAME);
    }

    @Test
    void grantsTimeForBytesThatDidArrive() {
        // 16 KiB a second are slow, but honest.
        assertThat(clock.check(900, new Observed(true, true, 10_240, true, 0))).isEqualTo(Verdict.FINE);
    }

    @Test
    void doesNotCountTheTimeInWhichWeDidNotRead() {
        clock.check(5000, new Observed(true, false, 10, true, 0));
        assertThat(clock.check(5300, new Observed(true, true, 10, true, 0))).isEqualTo(Verdict.FINE);
    }

    @Test
    void givesStrangersLittleTime() {
        Observed stranger = new Observed(false, false, 0, true, 0);
        assertThat(clock.check(200, stranger)).isEqualTo(Verdict.FINE);
        assertThat(clock.check(201, stranger)).isEqualTo(Verdict.NOT_AUTHENTICATED);
    }
}
