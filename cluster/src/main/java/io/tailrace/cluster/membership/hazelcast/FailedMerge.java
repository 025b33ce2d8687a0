// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;

/**
 * Notices that Hazelcast has ended its member by itself. It does so when a member that was an island is to join the others again, and cannot in
 * time: for instance while one of them hangs. A member that is shut down by its node is not merging.
 */
final class FailedMerge implements LifecycleListener {

    private final Runnable ended;
    private volatile boolean merging;

    FailedMerge(Runnable ended) {
        this.ended = ended;
    }

    @Override
    public void stateChanged(LifecycleEvent event) {
        LifecycleState state = event.getState();
        if (state == LifecycleState.SHUTTING_DOWN && merging) {
            ended.run();
        }
        merging = state == LifecycleState.MERGING;
    }
}
