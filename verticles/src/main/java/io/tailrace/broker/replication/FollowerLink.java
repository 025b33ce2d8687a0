// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.netty.buffer.ByteBuf;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of a follower: brings what it says to who answers, and the answers back. One event loop. */
final class FollowerLink implements ReplicaLink.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(FollowerLink.class);

    /** Who answers, and where. */
    record Server(
            Context context,
            Function<ReplicaMessage.Fetch, Future<ReplicaTransport.Answer>> fetches,
            Consumer<ReplicaMessage.Release> releases) {}

    /** Who keeps the connections. */
    interface Keeper {

        /** The first fetch of the connection says whose it is. */
        void cameFrom(int followerId, FollowerLink link);

        void gone(FollowerLink link);
    }

    private static final int NOBODY = -1;

    private final Server server;
    private final Keeper keeper;
    private final ReplicaLink link;
    private int followerId = NOBODY;
    private boolean ended;

    FollowerLink(NetSocket socket, Server server, Keeper keeper) {
        this.server = server;
        this.keeper = keeper;
        this.link = ReplicaLink.over(socket, this);
    }

    @Override
    public void take(ReplicaMessage message, ByteBuf frame) {
        frame.release(); // what followers say has no records
        if (ended) {
            link.close();
            return;
        }
        switch (message) {
            case ReplicaMessage.Fetch fetch -> {
                if (followerId == NOBODY) {
                    followerId = fetch.followerId();
                    keeper.cameFrom(followerId, this);
                }
                server.context().runOnContext(arrived -> answer(fetch));
            }
            case ReplicaMessage.Release release ->
                server.context().runOnContext(arrived -> server.releases().accept(release));
            case ReplicaMessage.Fetched stray -> throw new IllegalArgumentException("an answer that nobody waits for");
        }
    }

    private void answer(ReplicaMessage.Fetch fetch) {
        server.fetches().apply(fetch).onSuccess(link::send).onFailure(failure -> {
            LOG.error("follower={}: its fetch has no answer", fetch.followerId(), failure);
            close();
        });
    }

    @Override
    public void closed() {
        keeper.gone(this);
    }

    /** Any thread. */
    void close() {
        link.close();
    }

    /** Takes no more; who says something now is hung up on. Any thread. */
    Future<Void> end() {
        return link.run(() -> ended = true);
    }
}
