// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node stands for election. Its own log says so, and nothing else: a vote counts from when the entry that gives or takes it is in the
 * node's log, committed or not (Raft dissertation, 4.1). The log changes by what a leader sends; so it is looked at after each of those messages, and
 * at no other time.
 *
 * <p>Two ways of Ratis (3.3.0) make this class necessary:
 *
 * <ul>
 *   <li>An observer that was let in while it ran is a follower to Ratis. When it misses the leader it stands for election, finds that it has no
 *       vote, and shuts its server down. So it is kept from elections.
 *   <li>To a leader that let it in, such an observer is "initializing" for ever: it gives no vote, also after it was given one, until it hears of
 *       another leader. So it takes part from when it finds itself in its log.
 * </ul>
 *
 * <p>Safe from any thread.
 */
final class OwnVote {

    private static final Logger LOG = LoggerFactory.getLogger(OwnVote.class);

    private final RaftServer server;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong nextCall = new AtomicLong();

    /** The membership that was acted on last; guarded by this, as what follows. */
    private @Nullable RaftConfiguration seen;

    /** Ratis' own state at the start. */
    private boolean stands = true;

    OwnVote(RaftServer server) {
        this.server = server;
    }

    /** The leader's message as this node is to take it: as one to a member, if its log says that it is one. */
    AppendEntriesRequestProto toMember(AppendEntriesRequestProto request) throws IOException {
        if (!request.getInitializing()) {
            return request;
        }
        RaftConfiguration conf = server.getDivision(RaftGroupId.valueOf(
                        request.getServerRequest().getRaftGroupId().getId()))
                .getRaftConf();
        return votes(conf) || observes(conf)
                ? request.toBuilder().setInitializing(false).build()
                : request;
    }

    /** To be called after each message that may have changed the log. */
    synchronized void look(ByteString groupId) throws IOException {
        RaftGroupId group = RaftGroupId.valueOf(groupId);
        RaftServer.Division division = server.getDivision(group);
        RaftConfiguration conf = division.getRaftConf();
        if (conf.equals(seen) || !division.getInfo().getLifeCycleState().isRunning()) {
            return;
        }
        boolean votes = votes(conf);
        // Who is neither was taken out of the log, and is told so by an election.
        boolean standing = votes || !observes(conf) && stands;
        if (standing != stands) {
            tell(group, standing);
        }
        stands = standing;
        seen = conf;
    }

    private void tell(RaftGroupId group, boolean standing) throws IOException {
        long call = nextCall.getAndIncrement();
        LeaderElectionManagementRequest request = standing
                ? LeaderElectionManagementRequest.newResume(client, server.getId(), group, call)
                : LeaderElectionManagementRequest.newPause(client, server.getId(), group, call);
        try {
            RaftClientReply reply =
                    server.leaderElectionManagementAsync(request).join(); // sets a flag, waits for nothing
            if (!reply.isSuccess()) {
                throw new IOException("the metadata log does not take whether this node votes", reply.getException());
            }
        } catch (CompletionException e) {
            throw new IOException("the metadata log cannot be told whether this node votes", e.getCause());
        }
        LOG.info("node={} {} in the metadata log", server.getId(), standing ? "votes" : "observes");
    }

    private boolean votes(RaftConfiguration conf) {
        return contains(conf.getCurrentPeers());
    }

    private boolean observes(RaftConfiguration conf) {
        return contains(conf.getCurrentPeers(RaftPeerRole.LISTENER));
    }

    private boolean contains(Collection<RaftPeer> peers) {
        RaftPeerId self = server.getId();
        return peers.stream().anyMatch(it -> it.getId().equals(self));
    }
}
