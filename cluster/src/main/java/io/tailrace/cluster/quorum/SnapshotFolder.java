// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.jspecify.annotations.Nullable;

/**
 * Ratis' folder of snapshots, which remembers that it holds none. Ratis (3.3.0) remembers only one that it has found, and asks for it with each message
 * of the log: without one it reads the folder each time.
 *
 * <p>A snapshot comes in by {@link #updateLatestSnapshot}, when this node has taken it, or by {@link #loadLatestSnapshot}, when another node has sent it.
 *
 * <p>Safe from any thread.
 */
final class SnapshotFolder extends SimpleStateMachineStorage {

    /** The newest that came in; guarded by this. */
    private @Nullable SingleFileSnapshotInfo latest;

    /** The folder was read, and there was none. */
    private volatile boolean isEmpty;

    @Override
    public @Nullable SingleFileSnapshotInfo getLatestSnapshot() {
        return isEmpty ? null : super.getLatestSnapshot();
    }

    /** Reads the folder in any case; if that fails, who asks next reads it again. */
    @Override
    public @Nullable SingleFileSnapshotInfo loadLatestSnapshot() {
        isEmpty = false;
        return super.loadLatestSnapshot();
    }

    /** @param found null if the folder was read and holds none */
    @Override
    public synchronized @Nullable SingleFileSnapshotInfo updateLatestSnapshot(@Nullable SingleFileSnapshotInfo found) {
        if (found != null) {
            latest = super.updateLatestSnapshot(found);
        }
        isEmpty = latest == null;
        return latest;
    }
}
