// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.quorum.PeerTransport.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Carries Ratis' own messages over a {@link PeerTransport}. */
final class QuorumRpc implements RaftServerRpc {

    private final RpcType type;
    private final RaftServer server;
    private final PeerTransport transport;
    private final InetSocketAddress address;
    private final OwnVote vote;
    private final KeptVote kept;
    private final Map<String, String> addresses = new ConcurrentHashMap<>();
    private boolean open;

    QuorumRpc(RpcType type, RaftServer server, PeerTransport transport, KeptVote kept, String address) {
        this.type = type;
        this.server = server;
        this.transport = transport;
        this.kept = kept;
        this.vote = new OwnVote(server);
        int colon = address.lastIndexOf(':');
        this.address = InetSocketAddress.createUnresolved(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    @Override
    public RpcType getRpcType() {
        return type;
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return address;
    }

    @Override
    public synchronized void start() throws IOException {
        if (!open) {
            transport.start(this::receive);
            open = true;
        }
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        for (RaftPeer peer : peers) {
            if (!peer.getId().equals(server.getId())) {
                addresses.put(peer.getId().toString(), peer.getAddress());
            }
        }
    }

    private byte[] receive(Kind kind, byte[] request) throws IOException {
        return switch (kind) {
            case REQUEST_VOTE -> vote(RequestVoteRequestProto.parseFrom(request));
            case APPEND_ENTRIES -> append(AppendEntriesRequestProto.parseFrom(request));
            case INSTALL_SNAPSHOT -> install(InstallSnapshotRequestProto.parseFrom(request));
            case START_LEADER_ELECTION ->
                server.startLeaderElection(StartLeaderElectionRequestProto.parseFrom(request))
                        .toByteArray();
        };
    }

    private byte[] vote(RequestVoteRequestProto request) throws IOException {
        RequestVoteReplyProto reply = server.requestVote(request);
        if (!request.getPreVote() && reply.getServerReply().getSuccess()) {
            keep(request);
        }
        return reply.toByteArray();
    }

    private void keep(RequestVoteRequestProto request) throws IOException {
        kept.keep(
                request.getCandidateTerm(),
                request.getServerRequest().getRequestorId().toStringUtf8());
    }

    private byte[] append(AppendEntriesRequestProto request) throws IOException {
        AppendEntriesReplyProto reply = server.appendEntries(vote.toMember(request));
        kept.follows(request.getLeaderTerm());
        vote.look(request.getServerRequest().getRaftGroupId().getId());
        return reply.toByteArray();
    }

    private byte[] install(InstallSnapshotRequestProto request) throws IOException {
        InstallSnapshotReplyProto reply = server.installSnapshot(request);
        vote.look(request.getServerRequest().getRaftGroupId().getId());
        return reply.toByteArray();
    }

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        if (!request.getPreVote()) {
            keep(request); // who asks for votes has given its own
        }
        return RequestVoteReplyProto.parseFrom(
                call(request.getServerRequest(), Kind.REQUEST_VOTE, request.toByteString()));
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return AppendEntriesReplyProto.parseFrom(
                call(request.getServerRequest(), Kind.APPEND_ENTRIES, request.toByteString()));
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return InstallSnapshotReplyProto.parseFrom(
                call(request.getServerRequest(), Kind.INSTALL_SNAPSHOT, request.toByteString()));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return StartLeaderElectionReplyProto.parseFrom(
                call(request.getServerRequest(), Kind.START_LEADER_ELECTION, request.toByteString()));
    }

    private byte[] call(RaftRpcRequestProto header, Kind kind, ByteString request) throws IOException {
        String peer = header.getReplyId().toStringUtf8();
        String target = addresses.get(peer);
        if (target == null) {
            throw new IOException("the address of voter " + peer + " is not known");
        }
        return transport.call(QuorumConfig.Voter.nodeIdOf(peer), target, kind, request.toByteArray());
    }

    @Override
    public void handleException(RaftPeerId voter, Exception failure, boolean reconnect) {
        // The transport keeps no state for a voter that would have to be renewed; Ratis calls again by itself.
    }

    @Override
    public void close() {
        transport.close();
    }
}
