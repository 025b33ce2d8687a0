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
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.ClientId;
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
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * The metadata log as a Raft group of Apache Ratis. A node alone is a group of one: the same files and the same code, so that voters can be
 * added later, but no port, no thread of a network, and an election that takes some 20 ms.
 *
 * <p>The group's id is made of the cluster's: a voter of another cluster is a stranger, and a folder with another group in it is refused
 * rather than begun anew beside it.
 *
 * <pre>
 * dir/GROUP/current/   raft-meta (term, vote), raft-meta.kept (ours, of the last vote told), raft-meta.conf (voters), log_* (entries, each with a checksum)
 * dir/GROUP/sm/        snapshot.TERM_INDEX and its .md5; the newest two
 * dir/GROUP/in_use.lock
 * </pre>
 *
 * <p>An append is answered after Ratis has synced the entry (here) and a majority has. Ratis writes nothing for {@code kill -9} to tear that
 * it does not find and cut off at the next start.
 */
public final class RatisMetadataLog implements MetadataLog {

    private static final long SNAPSHOT_TIMEOUT_MS = 60_000;
    private static final long TRANSFER_TIMEOUT_MS = 1_000;
    private static final long STEP_DOWN_TIMEOUT_MS = 3_000;

    private static final int NOBODY = -1;

    /** A few heartbeats of the log, as well. */
    private static final int VOTE_KNOWN_TRIES = 50;

    private static final Executor LATER = CompletableFuture.delayedExecutor(40, TimeUnit.MILLISECONDS);

    /** A few heartbeats of the log. */
    private static final long LATELY_MS = 2_000;

    private final QuorumConfig config;
    private final PeerTransport transport;
    private final ClientId client = ClientId.randomId();

    /** Makes the calls that may wait. */
    private final ExecutorService caller;

    private final AtomicLong nextCall = new AtomicLong();
    private final RaftGroupId groupId;
    private volatile @Nullable RaftServer server;
    private volatile @Nullable QuorumStateMachine machine;

    /** When this node, as the leader, let an observer in for the last time. */
    private volatile long observerLetInAtTerm = -1;

    /** Before its files are read, Ratis cannot tell of itself. */
    private volatile boolean open;

    /** The last one begun; guarded by this. */
    private CompletableFuture<?> snapshot = CompletableFuture.completedFuture(null);

    public RatisMetadataLog(QuorumConfig config, PeerTransport transport) {
        this.config = config;
        this.transport = transport;
        this.caller = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                .name("tailrace-metadata-log-" + config.self().nodeId())
                .daemon()
                .factory());
        this.groupId = RaftGroupId.valueOf(
                UUID.nameUUIDFromBytes(("tailrace metadata " + config.clusterId()).getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void start(Listener listener) throws IOException {
        Files.createDirectories(config.dir());
        refuseStrangers();
        KeptVote kept =
                new KeptVote(config.dir().resolve(groupId.getUuid().toString()).resolve("current"));
        kept.restore();
        QuorumStateMachine applying = new QuorumStateMachine(listener);
        RaftServer starting = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(config.self().peerId()))
                .setGroup(RaftGroup.valueOf(groupId, peers()))
                .setStateMachine(applying)
                .setProperties(RatisSettings.of(config.dir(), config.voters().size() == 1))
                .setParameters(
                        QuorumRpcType.parameters(transport, kept, config.self().address()))
                // Formats what is not there, and never what is.
                .setOption(RaftStorage.StartupOption.RECOVER)
                .build();
        machine = applying;
        server = starting;
        starting.start();
        open = true;
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
        return ask(() -> running.submitClientRequestAsync(request)).thenApply(this::committed);
    }

    /**
     * Asks Ratis (3.3.0) for something. Its calls wait for the lock of its server, which it holds while it writes, while it stops leading, and while it
     * completes what it was asked for. So nobody else's thread may call, and what follows from an answer must not be done where the answer was given: it
     * would wait for itself.
     */
    private CompletableFuture<RaftClientReply> ask(Call call) {
        try {
            return CompletableFuture.completedFuture(call)
                    .thenComposeAsync(RatisMetadataLog::made, caller)
                    .whenCompleteAsync((reply, failure) -> {}, caller);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.failedFuture(closed);
        }
    }

    private static CompletableFuture<RaftClientReply> made(Call call) {
        try {
            return call.make();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private interface Call {
        CompletableFuture<RaftClientReply> make() throws IOException;
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
            snapshot = ask(() -> running.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                    client, running.getId(), groupId, nextCall.getAndIncrement(), SNAPSHOT_TIMEOUT_MS)));
        }
    }

    @Override
    public CompletionStage<Void> resign() {
        RaftServer running = server;
        QuorumView seen = describe();
        if (running == null || seen.voters().size() <= 1) {
            return CompletableFuture.completedFuture(null);
        }
        Optional<RaftPeerId> heir = heir(seen);
        return heir.isPresent()
                ? transfer(running, heir.get(), TRANSFER_TIMEOUT_MS)
                        .exceptionallyCompose(refused -> transfer(running, null, STEP_DOWN_TIMEOUT_MS))
                : transfer(running, null, STEP_DOWN_TIMEOUT_MS);
    }

    /** The voter that has the most of the log, of those that this leader has heard of lately: it can be elected at once, and need not wait for silence. */
    private Optional<RaftPeerId> heir(QuorumView seen) {
        return seen.voters().stream()
                .filter(it -> it.nodeId() != config.self().nodeId() && isLively(it))
                .max(Comparator.comparingLong(QuorumView.Member::endIndex))
                .map(it -> RaftPeerId.valueOf(new QuorumConfig.Voter(it.nodeId(), it.directoryId(), "").peerId()));
    }

    /** @param to who is to lead; null for nobody in particular: this node stops leading, and the others notice */
    private CompletionStage<Void> transfer(RaftServer running, @Nullable RaftPeerId to, long timeoutMs) {
        return ask(() -> running.transferLeadershipAsync(new TransferLeadershipRequest(
                        client, running.getId(), groupId, nextCall.getAndIncrement(), to, timeoutMs)))
                .thenAccept(RatisMetadataLog::succeeded);
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
            if (voters.size() < votersMost) {
                voters.add(joiner);
            } else {
                observers.add(joiner);
                observerLetInAtTerm = term();
            }
            return Optional.of(arguments(voters, observers));
        });
    }

    @Override
    public CompletionStage<Void> expel(int nodeId, int votersMost) {
        QuorumView seen = describe();
        AtomicInteger promoted = new AtomicInteger(NOBODY);
        return reconfigure(conf -> {
                    List<RaftPeer> voters = new ArrayList<>(conf.getCurrentPeers());
                    List<RaftPeer> observers = new ArrayList<>(conf.getCurrentPeers(RaftPeerRole.LISTENER));
                    boolean voted = voters.removeIf(it -> isNode(nodeId, it));
                    boolean observed = observers.removeIf(it -> isNode(nodeId, it));
                    if (voted && voters.size() < votersMost) {
                        livelyObserver(seen, observers).ifPresent(heir -> {
                            observers.remove(heir);
                            voters.add(heir);
                            promoted.set(
                                    QuorumConfig.Voter.nodeIdOf(heir.getId().toString()));
                        });
                    }
                    return voted || observed ? Optional.of(arguments(voters, observers)) : Optional.empty();
                })
                .thenCompose(done -> known(promoted.get(), VOTE_KNOWN_TRIES));
    }

    @Override
    public CompletionStage<Void> setVote(int nodeId, boolean votes) {
        return reconfigure(conf -> {
                    List<RaftPeer> voters = new ArrayList<>(conf.getCurrentPeers());
                    List<RaftPeer> observers = new ArrayList<>(conf.getCurrentPeers(RaftPeerRole.LISTENER));
                    List<RaftPeer> from = votes ? observers : voters;
                    Optional<RaftPeer> peer =
                            from.stream().filter(it -> isNode(nodeId, it)).findFirst();
                    return peer.map(it -> {
                        from.remove(it);
                        (votes ? voters : observers).add(it);
                        return arguments(voters, observers);
                    });
                })
                .thenCompose(done -> known(votes ? nodeId : NOBODY, VOTE_KNOWN_TRIES));
    }

    /**
     * Done when the node that was given a vote has it in its log, or is not heard of: to Ratis who was started as an observer is one, and gives no vote,
     * until then; if this leader died before, the others might be too few.
     */
    private CompletionStage<Void> known(int nodeId, int triesLeft) {
        RaftServer running = server;
        if (nodeId == NOBODY || triesLeft == 0 || running == null) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            long given = running.getDivision(groupId).getRaftConf().getLogEntryIndex();
            boolean isKnown =
                    describe().voters().stream().anyMatch(it -> it.nodeId() == nodeId && it.endIndex() > given);
            return isKnown
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.runAsync(() -> {}, LATER).thenCompose(looked -> known(nodeId, triesLeft - 1));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The one that has the most of the log, of those that this leader has heard of lately. */
    private static Optional<RaftPeer> livelyObserver(QuorumView seen, List<RaftPeer> observers) {
        return seen.observers().stream()
                .filter(RatisMetadataLog::isLively)
                .sorted(Comparator.comparingLong(QuorumView.Member::endIndex).reversed())
                .flatMap(it -> observers.stream().filter(peer -> isNode(it.nodeId(), peer)))
                .findFirst();
    }

    private static boolean isLively(QuorumView.Member member) {
        return member.silentMs() >= 0 && member.silentMs() <= LATELY_MS;
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
            return ask(() -> running.setConfigurationAsync(new SetConfigurationRequest(
                            client, running.getId(), groupId, nextCall.getAndIncrement(), wanted.get())))
                    .thenAccept(RatisMetadataLog::succeeded)
                    .exceptionallyCompose(this::notCaughtUp);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Somebody did not catch up who was to be let in. Ratis (3.3.0) counts every observer that this leader let in as one that is still to catch up:
     * a dead one is why nobody else gets in, and now it sends to none of them any more. Another leader does.
     */
    private CompletionStage<Void> notCaughtUp(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        CompletionStage<Void> failed = CompletableFuture.failedFuture(failure);
        return cause instanceof ReconfigurationTimeoutException && observerLetInAtTerm == term()
                ? resign().handle((done, refused) -> null).thenCompose(any -> failed)
                : failed;
    }

    private long term() {
        return describe().term();
    }

    private static void succeeded(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new CompletionException(reply.getException());
        }
    }

    @Override
    public void close() {
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
            } finally {
                caller.shutdown();
            }
        }
    }
}
