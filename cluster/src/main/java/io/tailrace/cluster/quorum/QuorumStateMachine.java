// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

/**
 * What Ratis calls when entries are committed: passes them on and keeps no state but how far it is. The state is the listener's, which
 * applies entries on a thread of its own and may be behind; a snapshot is therefore taken of what the listener has applied, at its position.
 */
final class QuorumStateMachine extends BaseStateMachine {

    private final MetadataLog.Listener listener;
    private final SnapshotFolder snapshots = new SnapshotFolder();
    private volatile boolean closing;
    private volatile long bytesSinceSnapshot;

    QuorumStateMachine(MetadataLog.Listener listener) {
        this.listener = listener;
    }

    /** What Ratis tells from here on is of no interest. */
    void closing() {
        closing = true;
    }

    /** Bytes of entries since the last snapshot. */
    long bytesSinceSnapshot() {
        return bytesSinceSnapshot;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        getLifeCycle().startAndTransition(() -> {
            snapshots.init(storage);
            load();
        });
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** Another voter sent a snapshot. */
    @Override
    public void reinitialize() throws IOException {
        snapshots.loadLatestSnapshot();
        load();
        if (getLifeCycleState() == LifeCycle.State.PAUSED) {
            getLifeCycle().transition(LifeCycle.State.STARTING);
            getLifeCycle().transition(LifeCycle.State.RUNNING);
        }
    }

    private void load() throws IOException {
        SingleFileSnapshotInfo snapshot = snapshots.getLatestSnapshot();
        if (snapshot == null) {
            return;
        }
        byte[] bytes = Files.readAllBytes(snapshot.getFile().getPath());
        listener.onRestored(new LogPosition(snapshot.getTerm(), snapshot.getIndex()), bytes);
        setLastAppliedTermIndex(snapshot.getTermIndex());
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        bytesSinceSnapshot += bytes.length;
        listener.onCommitted(new LogPosition(entry.getTerm(), entry.getIndex()), bytes);
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public long takeSnapshot() throws IOException {
        MetadataLog.Snapshot snapshot = listener.snapshot();
        LogPosition position = snapshot.position();
        SingleFileSnapshotInfo latest = snapshots.getLatestSnapshot();
        bytesSinceSnapshot = 0;
        if (position.index() < 0) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        if (latest != null && latest.getIndex() >= position.index()) {
            return latest.getIndex();
        }
        File file = snapshots.getSnapshotFile(position.term(), position.index());
        DurableFile.write(file.toPath(), snapshot.bytes());
        MD5Hash digest = MD5FileUtil.computeAndSaveMd5ForFile(file);
        DurableFile.syncFolderOf(file.toPath());
        snapshots.updateLatestSnapshot(new SingleFileSnapshotInfo(
                new FileInfo(file.toPath(), digest), TermIndex.valueOf(position.term(), position.index())));
        return position.index();
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, @Nullable RaftPeerId leader) {
        // That this node leads counts from notifyLeaderReady on: when all entries of earlier terms have been applied.
        if (!closing && (leader == null || !leader.equals(member.getPeerId()))) {
            listener.onLeadership(term(), leader == null ? -1 : Voter.nodeIdOf(leader.toString()));
        }
    }

    @Override
    public void notifyLeaderReady() {
        if (!closing) {
            listener.onLeadership(term(), Voter.nodeIdOf(getId().toString()));
        }
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        if (!closing) {
            listener.onLeadership(term(), -1);
        }
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        if (!closing) {
            listener.onFailed(new IOException("the metadata log cannot be written", cause));
        }
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean all) {
        if (!closing) {
            listener.onFailed(new IOException("the metadata log has shut itself down"));
        }
    }

    private long term() {
        try {
            return getServer().join().getDivision(getGroupId()).getInfo().getCurrentTerm();
        } catch (IOException e) {
            throw new IllegalStateException("the metadata log knows no group " + getGroupId(), e);
        }
    }
}
