// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.tailrace.cluster.quorum.PeerTransport;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Raft's messages over the cluster port. What the library does with a request blocks, and so runs on threads of its own. */
public final class QuorumTransport implements PeerTransport {

    /** One for each voter that may ask at once, and one to spare. */
    private static final int THREADS = 6;

    private static final long TIMEOUT_MS = 3_000;

    /** Of what a leader sends to every node all the time: who says nothing to it for so long is suspected to hang. */
    private static final long APPEND_TIMEOUT_MS = 2_500;

    private static final long SNAPSHOT_TIMEOUT_MS = 15_000;

    private final PeerVerticle peers;
    private final IntFunction<Optional<PeerAddress>> moved;
    private final WorkerExecutor threads;
    private volatile IntConsumer refused = nobody -> {};
    private volatile IntConsumer silent = nobody -> {};

    /** @param moved where a node is now, if that is known from itself; else the address counts that it was admitted with */
    public QuorumTransport(Vertx vertx, PeerVerticle peers, IntFunction<Optional<PeerAddress>> moved) {
        this.peers = peers;
        this.moved = moved;
        this.threads = vertx.createSharedWorkerExecutor("tailrace-quorum", THREADS);
    }

    /** @param told the id of each node that could not be reached because nobody listens there, each time; on a thread of Raft's */
    public void onRefused(IntConsumer told) {
        refused = told;
    }

    /** @param told the id of each node that took what a leader sends and did not answer in time, each time; on a thread of Raft's */
    public void onSilent(IntConsumer told) {
        silent = told;
    }

    @Override
    public void start(Receiver receiver) {
        for (Kind kind : Kind.values()) {
            peers.serve(
                    kind.ordinal(),
                    request -> threads.executeBlocking(
                            () -> Buffer.buffer(receiver.receive(kind, request.getBytes())), false));
        }
    }

    @Override
    public byte[] call(int nodeId, String address, Kind kind, byte[] request) throws IOException {
        PeerAddress to = moved.apply(nodeId).orElseGet(() -> PeerAddress.parse(address));
        long timeoutMs =
                switch (kind) {
                    case INSTALL_SNAPSHOT -> SNAPSHOT_TIMEOUT_MS;
                    case APPEND_ENTRIES -> APPEND_TIMEOUT_MS;
                    case REQUEST_VOTE, START_LEADER_ELECTION -> TIMEOUT_MS;
                };
        try {
            return peers.call(to, kind.ordinal(), Buffer.buffer(request), timeoutMs)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(timeoutMs + 1_000, TimeUnit.MILLISECONDS)
                    .getBytes();
        } catch (ExecutionException e) {
            if (isRefusal(e)) {
                refused.accept(nodeId);
            } else if (kind == Kind.APPEND_ENTRIES && e.getCause() instanceof TimeoutException) {
                silent.accept(nodeId);
            }
            throw new IOException("node " + nodeId + " does not answer", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("node " + nodeId + " does not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking node " + nodeId, e);
        }
    }

    /** Silence is none: that a connection cannot be made in time is another kind of failure. */
    private static boolean isRefusal(Throwable failure) {
        for (Throwable it = failure; it != null; it = it.getCause()) {
            if (it instanceof ConnectException
                    && String.valueOf(it.getMessage()).contains("refused")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        threads.close().onFailure(failure -> {});
    }
}
