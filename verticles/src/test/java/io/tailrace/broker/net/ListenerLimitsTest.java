// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Small rules that need no socket. */
final class ListenerLimitsTest {

    @Test
    void countsConnectionsInAllAndByAddress() {
        ConnectionRules rules = new ConnectionRules(3, 2, Map.of("10.0.0.9", 0), 1, 1, 1);
        ConnectionCounts counts = new ConnectionCounts();

        assertThat(counts.tryOpen("10.0.0.1", rules)).isTrue();
        assertThat(counts.tryOpen("10.0.0.1", rules)).isTrue();
        assertThat(counts.tryOpen("10.0.0.1", rules)).isFalse();
        assertThat(counts.tryOpen("10.0.0.9", rules)).isFalse();
        assertThat(counts.tryOpen("10.0.0.2", rules)).isTrue();
        assertThat(counts.tryOpen("10.0.0.3", rules)).isFalse();
        counts.close("10.0.0.1");
        assertThat(counts.tryOpen("10.0.0.3", rules)).isTrue();
        assertThat(counts.total()).isEqualTo(3);
    }

    @Test
    void writesSoManyLinesInWindowAndCountsTheRest() {
        LogLimiter limiter = new LogLimiter(2);

        assertThat(limiter.allows(0)).isTrue();
        assertThat(limiter.allows(999)).isTrue();
        assertThat(limiter.allows(999)).isFalse();
        assertThat(limiter.allows(999)).isFalse();
        assertThat(limiter.allows(1000)).isTrue();
        assertThat(limiter.takeSuppressed()).isEqualTo(2);
        assertThat(limiter.takeSuppressed()).isZero();
    }

    @Test
    void readsOnlyWhenNoReasonIsLeft() {
        ReadGate gate = new ReadGate();
        assertThat(gate.set(ReadGate.Reason.BUSY, true)).isTrue();
        assertThat(gate.set(ReadGate.Reason.BUSY, true)).isFalse();
        gate.set(ReadGate.Reason.BUDGET, true);
        gate.set(ReadGate.Reason.BUSY, false);
        assertThat(gate.isOpen()).isFalse();
        gate.set(ReadGate.Reason.BUDGET, false);
        assertThat(gate.isOpen()).isTrue();
    }
}
