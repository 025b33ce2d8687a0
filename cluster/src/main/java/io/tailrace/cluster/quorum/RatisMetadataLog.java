// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.QuorumView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata log as a Raft group of Apache Ratis. A node alone is a group of one: the same files and the same code, so that voters can be
 * added later, but no port, no thread of a network, and an election that takes some 20 ms.
 *
 * <p>The group's id is made of the cluster's: a voter of another cluster is a stranger, and a folder with another group in it is refused
 * rather than begun anew beside it.
 *
 * <pre>
 * dir/GROUP/current/   raft-meta (term, vote), raft-meta.conf (voters), log_* (entries, each with a checksum)
 * dir/GROUP/sm/        snapshot.TERM_INDEX and its .md5; the newest two
 * dir/GROUP/in_use.lock
 * </pre>
 *
 * <p>An append is answered after Ratis has synced the entry (here) and a majority has. Ratis writes nothing for {@code kill -9} to tear that
 * it does not find and cut off at the next start.
 */
public final class RatisMetadataLog implements MetadataLog {

    private static final Logger LOG = LoggerFactory.getLogger(RatisMetadataLog.class);

    private static final long SNAPSHOT_TIMEOUT_MS = 60_000;
    private static final long TRANSFER_TIMEOUT_MS = 3_000;

    /** Well below the least election timeout, which begins when Ratis is done with starting: for an observer, with the next leader. */
    private static final long VOTING_RETRY_MS = 200;

    /** About as long as an election waits. */
    private static final long VOTING_WATCH_MS = 500;

    /** A few heartbeats of the log. */
    private static final long LATELY_MS = 2_000;

    private final QuorumConfig config;
    private final PeerTransport transport;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong nextCall = new AtomicLong();
    private final RaftGroupId groupId;
    private volatile @Nullable RaftServer server;
    private volatile @Nullable QuorumStateMachine machine;

    /** How often who takes part has changed, as far as this node is concerned. */
    private final AtomicLong memberships = new AtomicLong();

    private volatile boolean closed;

    /** Before its files are read, Ratis cannot tell of itself. */
    private volatile boolean open;

    /** The last one begun; guarded by this. */
    private CompletableFuture<?> snapshot = CompletableFuture.completedFuture(null);

    public RatisMetadataLog(QuorumConfig config, PeerTransport transport) {
        this.config = config;
        this.transport = transport;
        this.groupId = RaftGroupId.valueOf(
                UUID.nameUUIDFromBytes(("tailrace metadata " + config.clusterId()).getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void start(Listener listener) throws IOException {
        Files.createDirectories(config.dir());
        refuseStrangers();
        QuorumStateMachine applying = new QuorumStateMachine(listener, this::membersChanged);
        RaftServer starting = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(config.self().peerId()))
                .setGroup(RaftGroup.valueOf(groupId, peers()))
                .setStateMachine(applying)
                .setProperties(RatisSettings.of(config.dir(), config.voters().size() == 1))
                .setParameters(QuorumRpcType.parameters(transport, config.self().address()))
                // Formats what is not there, and never what is.
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        machine = applying;
        server = starting;
        starting.start();
        open = true;
    }

    /**
     * An observer that was let in while it ran is a follower to Ratis: when it misses the leader it stands for election, finds that it has no
     * vote, and ends itself. So it is kept from elections until it has a vote.
     */
    private void membersChanged(RaftConfigurationProto changed) {
        String self = config.self().peerId();
        boolean votes = changed.getPeersList().stream()
                .anyMatch(it -> it.getId().toStringUtf8().equals(self));
        boolean observes = changed.getListenersList().stream()
                .anyMatch(it -> it.getId().toStringUtf8().equals(self));
        if (votes || observes) {
            long membership = memberships.incrementAndGet();
            setVoting(votes, membership);
            if (observes) {
                watchForVote(false, membership);
            }
        }
    }

    /**
     * A vote counts from when the entry that gives it is in this node's log, committed or not (Raft dissertation, 4.1). If the leader dies before it has told
     * that it is committed, this node may be the only one that can lead: so an observer looks at what its log says.
     */
    private void watchForVote(boolean voted, long membership) {
        CompletableFuture.delayedExecutor(VOTING_WATCH_MS, TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (closed || membership != memberships.get()) {
                        return;
                    }
                    boolean votes = isVoterInLog(voted);
                    if (votes == voted) {
                        watchForVote(voted, membership);
                    } else if (memberships.compareAndSet(membership, membership + 1)) {
                        setVoting(votes, membership + 1);
                        watchForVote(votes, membership + 1);
                    }
                });
    }

    private boolean isVoterInLog(boolean otherwise) {
        RaftServer running = server;
        if (running == null) {
            return otherwise;
        }
        try {
            return running.getDivision(groupId).getRaftConf().getCurrentPeers().stream()
                    .anyMatch(it -> it.getId().equals(running.getId()));
        } catch (IOException | RuntimeException notYet) {
            return otherwise; // whatever Ratis throws while it opens or ends, the next look is to come
        }
    }

    /** Ratis takes it only when it is done with starting, which may be after it has told of the change. */
    private void setVoting(boolean votes, long membership) {
        RaftServer running = server;
        if (closed || membership != memberships.get()) {
            return;
        }
        long call = nextCall.getAndIncrement();
        CompletionStage<RaftClientReply> told = running == null
                ? CompletableFuture.failedFuture(new IOException("the metadata log is being opened"))
                : running.leaderElectionManagementAsync(
                        votes
                                ? LeaderElectionManagementRequest.newResume(client, running.getId(), groupId, call)
                                : LeaderElectionManagementRequest.newPause(client, running.getId(), groupId, call));
        told.whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug(
                        "{} cannot be told yet whether it votes", config.self().peerId(), failure);
                CompletableFuture.delayedExecutor(VOTING_RETRY_MS, TimeUnit.MILLISECONDS)
                        .execute(() -> setVoting(votes, membership));
            }
        });
    }

    private void refuseStrangers() throws IOException {
        try (Stream<Path> children = Files.list(config.dir())) {
            List<Path> strangers = children.filter(it -> Files.isDirectory(it.resolve("current")))
                    .filter(it -> !it.getFileName()
                            .toString()
                            .equals(groupId.getUuid().toString()))
                    .toList();
            if (!strangers.isEmpty()) {
                throw new IOException(
                        "The metadata log in " + strangers.get(0) + " is not of cluster " + config.clusterId()
                                + ". Was meta.properties changed, or the folder of another cluster mounted?");
            }
        }
    }

    private List<RaftPeer> peers() {
        return config.voters().stream().map(RatisMetadataLog::peer).toList();
    }

    private static RaftPeer peer(QuorumConfig.Voter voter) {
        return RaftPeer.newBuilder()
                .setId(voter.peerId())
                .setAddress(voter.address())
                .build();
    }

    @Override
    public CompletionStage<Long> append(byte[] entry) {
        RaftServer running = server;
        if (running == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("the metadata log is not started"));
        }
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(running.getId())
                .setGroupId(groupId)
                .setCallId(nextCall.getAndIncrement())
                .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(entry)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            return running.submitClientRequestAsync(request).thenApply(this::committed);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private long committed(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new CompletionException(reply.getException());
        }
        snapshotIfDue();
        return reply.getLogIndex();
    }

    /** Ratis counts entries only; a few long ones would fill the disk before it takes a snapshot. One that fails is logged by Ratis. */
    private synchronized void snapshotIfDue() {
        QuorumStateMachine applying = machine;
        RaftServer running = server;
        if (applying != null
                && running != null
                && snapshot.isDone()
                && applying.bytesSinceSnapshot() >= config.snapshotBytes()) {
            snapshot = running.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                    client, running.getId(), groupId, nextCall.getAndIncrement(), SNAPSHOT_TIMEOUT_MS));
        }
    }

    @Override
    public CompletionStage<Void> resign() {
        RaftServer running = server;
        if (running == null || describe().voters().size() <= 1) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            // To nobody in particular: steps down.
            return running.transferLeadershipAsync(new TransferLeadershipRequest(
                            client, running.getId(), groupId, nextCall.getAndIncrement(), null, TRANSFER_TIMEOUT_MS))
                    .thenApply(reply -> null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public QuorumView describe() {
        RaftServer running = server;
        if (running == null || !open) {
            return new QuorumView(-1, 0, 0, List.of(), List.of());
        }
        try {
            RaftServer.Division division = running.getDivision(groupId);
            Map<RaftPeerId, Long> ends = new HashMap<>();
            for (CommitInfoProto it : division.getCommitInfos()) {
                ends.put(RaftPeerId.valueOf(it.getServer().getId()), it.getCommitIndex() + 1);
            }
            Map<RaftPeerId, Long> silent = new HashMap<>();
            silent.put(division.getId(), 0L);
            for (ServerRpcProto it :
                    division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList()) {
                silent.put(RaftPeerId.valueOf(it.getId().getId()), it.getLastRpcElapsedTimeMs());
            }
            long end = division.getRaftLog().getLastCommittedIndex() + 1;
            ends.put(division.getId(), end);
            RaftPeerId leader = division.getInfo().getLeaderId();
            RaftConfiguration conf = division.getRaftConf();
            return new QuorumView(
                    leader == null ? -1 : QuorumConfig.Voter.nodeIdOf(leader.toString()),
                    division.getInfo().getCurrentTerm(),
                    end,
                    members(conf.getCurrentPeers(), ends, silent),
                    members(conf.getCurrentPeers(RaftPeerRole.LISTENER), ends, silent));
        } catch (IOException e) {
            throw new UncheckedIOException("the metadata log has no group " + groupId, e);
        }
    }

    private static List<QuorumView.Member> members(
            Collection<RaftPeer> peers, Map<RaftPeerId, Long> ends, Map<RaftPeerId, Long> silent) {
        return peers.stream()
                .map(peer -> new QuorumView.Member(
                        QuorumConfig.Voter.nodeIdOf(peer.getId().toString()),
                        QuorumConfig.Voter.directoryIdOf(peer.getId().toString()),
                        ends.getOrDefault(peer.getId(), -1L),
                        silent.getOrDefault(peer.getId(), -1L)))
                .sorted(Comparator.comparingInt(QuorumView.Member::nodeId))
                .toList();
    }

    @Override
    public CompletionStage<Void> admit(int nodeId, String directoryId, String address, int votersMost) {
        RaftPeer joiner = peer(new QuorumConfig.Voter(nodeId, directoryId, address));
        return reconfigure(conf -> {
            List<RaftPeer> voters = new ArrayList<>(conf.getCurrentPeers());
            List<RaftPeer> observers = new ArrayList<>(conf.getCurrentPeers(RaftPeerRole.LISTENER));
            if (Stream.concat(voters.stream(), observers.stream())
                    .anyMatch(it -> it.getId().equals(joiner.getId()))) {
                return Optional.empty();
            }
            voters.removeIf(it -> isNode(nodeId, it));
            observers.removeIf(it -> isNode(nodeId, it));
            (voters.size() < votersMost ? voters : observers).add(joiner);
            return Optional.of(arguments(voters, observers));
        });
    }

    @Override
    public CompletionStage<Void> expel(int nodeId, int votersMost) {
        QuorumView seen = describe();
        AtomicBoolean promoted = new AtomicBoolean();
        return reconfigure(conf -> {
                    List<RaftPeer> voters = new ArrayList<>(conf.getCurrentPeers());
                    List<RaftPeer> observers = new ArrayList<>(conf.getCurrentPeers(RaftPeerRole.LISTENER));
                    boolean voted = voters.removeIf(it -> isNode(nodeId, it));
                    boolean observed = observers.removeIf(it -> isNode(nodeId, it));
                    if (voted && voters.size() < votersMost) {
                        livelyObserver(seen, observers).ifPresent(heir -> {
                            observers.remove(heir);
                            voters.add(heir);
                            promoted.set(true);
                        });
                    }
                    return voted || observed ? Optional.of(arguments(voters, observers)) : Optional.empty();
                })
                // To Ratis an observer that was let in while it ran is 'starting', and gives no vote, until it hears
                // from another leader. So the
                // change is done when there was an election: else the next loss would leave a majority that cannot
                // agree.
                .thenCompose(done -> promoted.get() ? resign() : CompletableFuture.completedFuture(null));
    }

    @Override
    public CompletionStage<Void> setVote(int nodeId, boolean votes) {
        AtomicBoolean promoted = new AtomicBoolean();
        return reconfigure(conf -> {
                    List<RaftPeer> voters = new ArrayList<>(conf.getCurrentPeers());
                    List<RaftPeer> observers = new ArrayList<>(conf.getCurrentPeers(RaftPeerRole.LISTENER));
                    List<RaftPeer> from = votes ? observers : voters;
                    Optional<RaftPeer> peer =
                            from.stream().filter(it -> isNode(nodeId, it)).findFirst();
                    return peer.map(it -> {
                        from.remove(it);
                        (votes ? voters : observers).add(it);
                        promoted.set(votes);
                        return arguments(voters, observers);
                    });
                })
                // As with an heir.
                .thenCompose(done -> promoted.get() ? resign() : CompletableFuture.completedFuture(null));
    }

    /** The one that has the most of the log, of those that this leader has heard of lately. */
    private static Optional<RaftPeer> livelyObserver(QuorumView seen, List<RaftPeer> observers) {
        return seen.observers().stream()
                .filter(it -> it.silentMs() >= 0 && it.silentMs() <= LATELY_MS)
                .sorted(Comparator.comparingLong(QuorumView.Member::endIndex).reversed())
                .flatMap(it -> observers.stream().filter(peer -> isNode(it.nodeId(), peer)))
                .findFirst();
    }

    private static boolean isNode(int nodeId, RaftPeer peer) {
        return QuorumConfig.Voter.nodeIdOf(peer.getId().toString()) == nodeId;
    }

    private static SetConfigurationRequest.Arguments arguments(List<RaftPeer> voters, List<RaftPeer> observers) {
        return SetConfigurationRequest.Arguments.newBuilder()
                .setServersInNewConf(voters)
                .setListenersInNewConf(observers)
                .build();
    }

    /** @param change what the configuration is to be; empty if it is that already */
    private CompletionStage<Void> reconfigure(
            Function<RaftConfiguration, Optional<SetConfigurationRequest.Arguments>> change) {
        RaftServer running = server;
        if (running == null || !open) {
            return CompletableFuture.failedFuture(new IllegalStateException("the metadata log is not started"));
        }
        try {
            RaftServer.Division division = running.getDivision(groupId);
            if (!division.getInfo().isLeaderReady()) {
                return CompletableFuture.failedFuture(new IOException("this node does not lead the metadata log"));
            }
            Optional<SetConfigurationRequest.Arguments> wanted = change.apply(division.getRaftConf());
            if (wanted.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            return running.setConfigurationAsync(new SetConfigurationRequest(
                            client, running.getId(), groupId, nextCall.getAndIncrement(), wanted.get()))
                    .thenAccept(this::succeeded);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void succeeded(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new CompletionException(reply.getException());
        }
    }

    @Override
    public void close() {
        closed = true;
        QuorumStateMachine applying = machine;
        RaftServer running = server;
        if (applying != null) {
            applying.closing();
        }
        if (running != null) {
            try {
                running.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close the metadata log in " + config.dir(), e);
            }
        }
    }
}
