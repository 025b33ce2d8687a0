// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private final TokenBucket bucket = new TokenBucket();

    @Test
    void isNoLimitUntilItHasARate() {
        bucket.take(1L << 40, 5);
        assertThat(bucket.openAtMs(5)).isEqualTo(5);
        assertThat(bucket.isLimited()).isFalse();
    }

    @Test
    void givesASecondsWorthAtOnceAndThenTheRate() {
        bucket.rate(1_000, 0);
        bucket.take(1_000, 0);
        assertThat(bucket.openAtMs(0)).isEqualTo(1);
        bucket.take(500, 1);
        assertThat(bucket.openAtMs(1)).isEqualTo(501);
        assertThat(bucket.openAtMs(501)).isEqualTo(501);
    }

    @Test
    void isPaidBackForWhatWasTakenBeyondWhatThereWas() {
        bucket.rate(1_000, 0);
        bucket.take(11_000, 0);
        assertThat(bucket.openAtMs(0)).isEqualTo(10_001);
        assertThat(bucket.openAtMs(9_999)).isEqualTo(10_001);
    }

    @Test
    void savesNoMoreThanASecondsWorth() {
        bucket.rate(1_000, 0);
        bucket.take(0, 3_600_000);
        bucket.take(1_001, 3_600_000);
        assertThat(bucket.openAtMs(3_600_000)).isEqualTo(3_600_002);
    }

    @Test
    void keepsItsDebtWhenTheRateChanges() {
        bucket.rate(1_000, 0);
        bucket.take(3_000, 0);
        bucket.rate(100, 0);
        assertThat(bucket.openAtMs(0)).isEqualTo(20_010);
    }

    @Test
    void standsStillWhileTheClockGoesBack() {
        bucket.rate(1_000, 1_000);
        bucket.take(1_000, 1_000);
        assertThat(bucket.openAtMs(500)).isEqualTo(501);
        assertThat(bucket.openAtMs(1_001)).isEqualTo(1_001);
    }
}
