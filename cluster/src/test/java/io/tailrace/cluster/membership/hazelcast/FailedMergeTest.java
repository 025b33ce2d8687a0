// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import org.junit.jupiter.api.Test;

final class FailedMergeTest {

    private int ends;
    private final FailedMerge listener = new FailedMerge(() -> ends++);

    private int after(LifecycleState... states) {
        for (LifecycleState state : states) {
            listener.stateChanged(new LifecycleEvent(state));
        }
        return ends;
    }

    /** Found by chaos: the node went on without its bus, for good, when a member hung while another was coming back. */
    @Test
    void aMemberThatEndsWhileItMergesHasEndedByItself() {
        assertThat(after(
                        LifecycleState.STARTING,
                        LifecycleState.STARTED,
                        LifecycleState.MERGING,
                        LifecycleState.SHUTTING_DOWN,
                        LifecycleState.SHUTDOWN))
                .isEqualTo(1);
    }

    @Test
    void aMemberThatIsShutDownHasNot() {
        assertThat(after(LifecycleState.STARTED, LifecycleState.SHUTTING_DOWN, LifecycleState.SHUTDOWN))
                .isZero();
    }

    @Test
    void aMemberThatHasMergedAndIsShutDownLaterHasNot() {
        assertThat(after(
                        LifecycleState.MERGING,
                        LifecycleState.MERGED,
                        LifecycleState.SHUTTING_DOWN,
                        LifecycleState.SHUTDOWN))
                .isZero();
    }
}
