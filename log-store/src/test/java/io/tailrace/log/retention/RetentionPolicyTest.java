// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.LogConfig.RetentionConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {

    private static final long NOW = 10_000;
    private static final RetentionConfig KEEP = new RetentionConfig(true, -1, -1);

    /** Three sealed segments of 100 bytes and the active one; the newest records are 4, 3, 2 and 1 second old. */
    private static final List<RetainedSegment> LOG = List.of(
            new RetainedSegment(0, 10, 100, 6_000),
            new RetainedSegment(10, 20, 100, 7_000),
            new RetainedSegment(20, 30, 100, 8_000),
            new RetainedSegment(30, 40, 100, 9_000));

    @Test
    void deletesWhatIsOlderThanRetention() {
        assertThat(deletable(new RetentionConfig(true, 3_000, -1), 0, 40)).isEqualTo(1);
        assertThat(deletable(new RetentionConfig(true, 2_999, -1), 0, 40)).isEqualTo(2);
        assertThat(deletable(new RetentionConfig(true, 0, -1), 0, 40))
                .as("all: the caller rolls")
                .isEqualTo(4);
    }

    @Test
    void deletesWhileTheRestIsLargeEnough() {
        assertThat(deletable(new RetentionConfig(true, -1, 300), 0, 40)).isEqualTo(1);
        assertThat(deletable(new RetentionConfig(true, -1, 301), 0, 40)).isZero();
        assertThat(deletable(new RetentionConfig(true, -1, 99), 0, 40)).isEqualTo(3);
    }

    @Test
    void neverDeletesAboveTheHighWatermark() {
        assertThat(deletable(new RetentionConfig(true, 0, 0), 0, 20))
                .as("KAFKA-5634")
                .isEqualTo(2);
        assertThat(deletable(new RetentionConfig(true, 0, 0), 0, 19)).isEqualTo(1);
        assertThat(deletable(KEEP, 40, 19)).isEqualTo(1);
    }

    @Test
    void deletesWhatLiesBelowTheLogStartWhateverThePolicy() {
        assertThat(deletable(new RetentionConfig(false, 0, 0), 19, 40)).isEqualTo(1);
        assertThat(deletable(new RetentionConfig(false, 0, 0), 20, 40)).isEqualTo(2);
    }

    @Test
    void keepsEverythingWhenNothingIsLimited() {
        assertThat(deletable(KEEP, 0, 40)).isZero();
    }

    @Test
    void keepsAnEmptyActiveSegment() {
        var log = List.of(new RetainedSegment(0, 10, 100, 0), new RetainedSegment(10, 10, 0, 0));

        assertThat(RetentionPolicy.deletable(log, new RetentionConfig(true, 0, 0), 10, 10, NOW))
                .isEqualTo(1);
    }

    @Test
    void aSegmentWithoutTimesGoesWithTheNextOneThatHasThem() {
        var log = List.of(
                new RetainedSegment(0, 10, 100, -1),
                new RetainedSegment(10, 20, 100, 7_000),
                new RetainedSegment(20, 30, 100, -1));

        assertThat(RetentionPolicy.deletable(log, new RetentionConfig(true, 2_999, -1), 0, 30, NOW))
                .isEqualTo(2);
        assertThat(RetentionPolicy.deletable(log, new RetentionConfig(true, 3_000, -1), 0, 30, NOW))
                .isZero();
    }

    private static int deletable(RetentionConfig config, long logStart, long highWatermark) {
        return RetentionPolicy.deletable(LOG, config, logStart, highWatermark, NOW);
    }
}
