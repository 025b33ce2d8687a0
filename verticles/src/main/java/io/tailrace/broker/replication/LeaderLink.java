// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.netty.buffer.ByteBuf;
import io.tailrace.broker.net.FrameReads;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The way to one leader: a connection that is made when it is first needed, and one fetch on it at a time. Answers come in order, so they need no
 * number; a fetch that is given up takes the connection with it, and so an answer is never taken for that of another fetch. One event loop.
 */
final class LeaderLink {

    private static final long DIAL_TIMEOUT_MS = 2_000;

    private final Vertx vertx;
    private final LinkReplicaTransport.Nodes nodes;
    private final int leaderId;
    private final List<ReplicaMessage> unsent = new ArrayList<>();
    private @Nullable Connection current;
    private @Nullable Promise<ReplicaTransport.Answer> asked;
    private boolean dialling;
    private long timerId = -1;

    LeaderLink(Vertx vertx, LinkReplicaTransport.Nodes nodes, int leaderId) {
        this.vertx = vertx;
        this.nodes = nodes;
        this.leaderId = leaderId;
    }

    Future<ReplicaTransport.Answer> fetch(ReplicaMessage.Fetch request, long timeoutMs) {
        if (asked != null) {
            return Future.failedFuture(new IllegalStateException("a fetch is under way"));
        }
        Promise<ReplicaTransport.Answer> answer = ((ContextInternal) vertx.getOrCreateContext()).promise();
        asked = answer;
        timerId = vertx.setTimer(
                timeoutMs, late -> broken(new TimeoutException("node " + leaderId + " does not answer in time")));
        send(request);
        return answer.future();
    }

    /** Of no use but while a fetch waits. */
    void release(ReplicaMessage.Release release) {
        if (asked != null) {
            send(release);
        }
    }

    private void send(ReplicaMessage message) {
        Connection open = current;
        if (open != null) {
            open.link.send(message);
        } else {
            unsent.add(message);
            dial();
        }
    }

    private void dial() {
        if (dialling) {
            return;
        }
        dialling = true;
        FrameReads reads = new FrameReads(this::target);
        nodes.addressOf(leaderId)
                .map(to -> nodes.peers().open(to, PeerVerticle.REPLICA, reads, DIAL_TIMEOUT_MS))
                .orElseGet(() -> Future.failedFuture("nobody knows where node " + leaderId + " is"))
                .onComplete(done -> {
                    dialling = false;
                    if (done.succeeded()) {
                        connected(done.result());
                    } else {
                        broken(done.cause());
                    }
                });
    }

    private @Nullable ByteBuf target() {
        Connection open = current;
        return open == null ? null : open.link.target();
    }

    private void connected(NetSocket socket) {
        Connection made = new Connection(socket);
        current = made;
        unsent.forEach(made.link::send);
        unsent.clear();
    }

    /** One connection. What it has to say when another has taken its place, or is about to, concerns nobody. */
    private final class Connection implements ReplicaLink.Owner {

        private final ReplicaLink link;

        Connection(NetSocket socket) {
            link = ReplicaLink.over(socket, this);
        }

        @Override
        public void take(ReplicaMessage message, ByteBuf frame) {
            Promise<ReplicaTransport.Answer> answer = asked;
            if (!isCurrent()) {
                frame.release();
            } else if (answer == null || !(message instanceof ReplicaMessage.Fetched fetched)) {
                frame.release();
                broken(new IOException("node " + leaderId + " says what it was not asked"));
            } else {
                asked = null;
                vertx.cancelTimer(timerId);
                answer.complete(new ReplicaTransport.Answer(fetched, frame::release));
            }
        }

        @Override
        public void closed() {
            if (isCurrent()) {
                broken(new IOException("node " + leaderId + " has closed the connection"));
            }
        }

        private boolean isCurrent() {
            return current == this;
        }
    }

    private void broken(Throwable cause) {
        Connection open = current;
        Promise<ReplicaTransport.Answer> answer = asked;
        current = null;
        asked = null;
        unsent.clear();
        vertx.cancelTimer(timerId);
        if (open != null) {
            open.link.close();
        }
        if (answer != null) {
            answer.fail(cause);
        }
    }
}
