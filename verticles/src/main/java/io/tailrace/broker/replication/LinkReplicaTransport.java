// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Replica messages over connections of their own, one from each follower to each node that leads something of it, at the cluster port: who does not
 * know the cluster's secret gets none.
 *
 * <p>A connection has one fetch under way, so at most one answer waits in memory for a follower that does not read; a follower that dials again has its
 * older connection closed.
 */
public final class LinkReplicaTransport implements ReplicaTransport {

    /** The other nodes. */
    public record Nodes(PeerVerticle peers, IntFunction<Optional<PeerAddress>> addresses) {

        Optional<PeerAddress> addressOf(int nodeId) {
            return addresses.apply(nodeId);
        }
    }

    private final Vertx vertx;
    private final Nodes nodes;
    private final Map<Integer, LeaderLink> leaders = new HashMap<>();
    private final Followers followers = new Followers();

    public LinkReplicaTransport(Vertx vertx, Nodes nodes) {
        this.vertx = vertx;
        this.nodes = nodes;
    }

    @Override
    public Future<Answer> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs) {
        return leaders.computeIfAbsent(leaderId, id -> new LeaderLink(vertx, nodes, id))
                .fetch(request, timeoutMs);
    }

    @Override
    public void release(int leaderId, ReplicaMessage.Release release) {
        LeaderLink leader = leaders.get(leaderId);
        if (leader != null) {
            leader.release(release);
        }
    }

    @Override
    public Future<Service> serve(
            int nodeId,
            Function<ReplicaMessage.Fetch, Future<Answer>> fetches,
            Consumer<ReplicaMessage.Release> releases) {
        FollowerLink.Server server = new FollowerLink.Server(vertx.getOrCreateContext(), fetches, releases);
        nodes.peers().serveStreams(PeerVerticle.REPLICA, socket -> followers.add(socket, server));
        return Future.succeededFuture(() -> end(server.context()));
    }

    /** @return completes on the context, which is left to what it had: the connections end on their event loops */
    private Future<?> end(Context context) {
        nodes.peers().endStreams(PeerVerticle.REPLICA);
        Promise<Void> ended = ((ContextInternal) context).promise();
        followers.end().onComplete(done -> ended.complete());
        return ended.future();
    }

    /** The connections of followers. */
    private static final class Followers implements FollowerLink.Keeper {

        private final Set<FollowerLink> open = ConcurrentHashMap.newKeySet();
        private final Map<Integer, FollowerLink> newest = new ConcurrentHashMap<>();
        private volatile boolean ended;

        void add(NetSocket socket, FollowerLink.Server server) {
            FollowerLink link = new FollowerLink(socket, server, this);
            open.add(link);
            if (ended) {
                link.close(); // it came while the others were told
            }
        }

        Future<?> end() {
            ended = true;
            return Future.join(List.copyOf(open).stream().map(FollowerLink::end).toList());
        }

        @Override
        public void cameFrom(int followerId, FollowerLink link) {
            FollowerLink before = newest.put(followerId, link);
            if (before != null) {
                before.close();
            }
        }

        @Override
        public void gone(FollowerLink link) {
            open.remove(link);
            newest.values().remove(link);
        }
    }
}
