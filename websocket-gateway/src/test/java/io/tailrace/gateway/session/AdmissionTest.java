// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.gateway.session.Admission.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long NOW = -SECOND_NS / 2; // the clock may be negative, and pass 0

    private final Admission admission = new Admission(new Admission.Terms(100, 20, 50), NOW);

    @Test
    void letsABurstInAtOnce() {
        assertThat(come(20, NOW)).containsOnly(new Verdict.Enter(0));
    }

    @Test
    void letsThoseBehindABurstInOneAfterTheOther() {
        come(20, NOW);
        assertThat(come(3, NOW))
                .containsExactly(
                        new Verdict.Enter(10_000_000), new Verdict.Enter(20_000_000), new Verdict.Enter(30_000_000));
    }

    @Test
    void sendsThoseAwayWhoWouldWaitTooLongAndSpreadsTheirComingBack() {
        come(70, NOW);
        List<Verdict> away = come(1_000, NOW);
        assertThat(away).allMatch(it -> it instanceof Verdict.Later);
        for (int second = 1; second <= 10; second++) {
            Verdict then = new Verdict.Later(second);
            assertThat(away.stream().filter(then::equals).count())
                    .as("told to come after %d s", second)
                    .isLessThanOrEqualTo(100);
        }
    }

    @Test
    void tellsNobodyToStayAwayForLong() {
        assertThat(come(100_000, NOW)).last().isEqualTo(new Verdict.Later(Admission.LONGEST_RETRY_S));
    }

    @Test
    void whoWasSentAwayTakesNoTokens() {
        come(10_000, NOW);
        assertThat(come(20, NOW + SECOND_NS * 7 / 10)).containsOnly(new Verdict.Enter(0));
    }

    @Test
    void forgetsThoseSentAwayWhenThereIsRoomAgain() {
        come(10_000, NOW);
        long later = NOW + 10 * SECOND_NS;
        come(70, later);
        assertThat(come(1, later)).containsExactly(new Verdict.Later(1));
    }

    @Test
    void neverLetsMoreInThanTheRateAndABurst() {
        Random random = new Random(5);
        List<Long> entered = new ArrayList<>();
        long now = NOW;
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(10) == 0 ? random.nextLong(SECOND_NS) : random.nextLong(SECOND_NS / 1_000);
            if (admission.step(now) instanceof Verdict.Enter it) {
                entered.add(now + it.waitNs());
            }
        }
        assertThat(entered).isSorted();
        for (int i = 0, j = 0; j < entered.size(); j++) {
            while (entered.get(j) - entered.get(i) >= SECOND_NS) {
                i++;
            }
            assertThat(j - i + 1).isLessThanOrEqualTo(100 + 20);
        }
    }

    @Test
    void tellsInWhatTimeAllOfThemGetIn() {
        assertThat(admission.spreadMs(1_500)).isEqualTo(15_000);
    }

    private List<Verdict> come(int count, long nowNs) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            verdicts.add(admission.step(nowNs));
        }
        return verdicts;
    }
}
