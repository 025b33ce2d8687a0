// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultTallyTest {

    @Test
    void aRunWithoutAFaultThatItWasToHaveIsNoGoodRun() {
        FaultTally tally = new FaultTally();
        tally.count(Fault.KILL);
        tally.count(Fault.KILL);

        assertThat(tally.missing(List.of(Fault.KILL))).isEmpty();
        assertThat(tally.missing(List.of(Fault.KILL, Fault.CORRUPT)))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.kind().forbidden()).isTrue();
                    assertThat(it.detail()).contains("corrupt");
                });
        assertThat(tally).hasToString("{kill=2}");
    }
}
