// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.ShardLogConfig;
import org.junit.jupiter.api.Test;

class OpenFileShareTest {

    @Test
    void shardsShareAQuarterOfWhatTheSystemAllows() {
        assertThat(OpenFileShare.ofShard(20_000, 2)).isEqualTo(2_500);
    }

    @Test
    void aLimitThatIsSmallOrUnknownLeavesTheDefault() {
        assertThat(OpenFileShare.ofShard(1_024, 4)).isEqualTo(ShardLogConfig.DEFAULT_MAX_OPEN_FILES);
        assertThat(OpenFileShare.ofShard(-1, 4)).isEqualTo(ShardLogConfig.DEFAULT_MAX_OPEN_FILES);
    }

    @Test
    void anUnlimitedProcessStillClosesFiles() {
        assertThat(OpenFileShare.ofShard(Long.MAX_VALUE, 1)).isEqualTo(8_192);
    }
}
