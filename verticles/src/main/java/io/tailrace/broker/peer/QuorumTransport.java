// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.tailrace.cluster.quorum.PeerTransport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/** Raft's messages over the cluster port. What the library does with a request blocks, and so runs on threads of its own. */
public final class QuorumTransport implements PeerTransport {

    /** Far more than there are voters: only requests that nobody waits for any longer, behind a disk that hangs, can use them up. */
    static final int THREADS_MAX = 32;

    /** A thread that had nothing to do for so long ends, but for one. */
    private static final long THREAD_IDLE_S = 30;

    private static final long TIMEOUT_MS = 3_000;

    /** Of what a leader sends to every node all the time: who says nothing to it for so long is suspected to hang. */
    private static final long APPEND_TIMEOUT_MS = 2_500;

    private static final long SNAPSHOT_TIMEOUT_MS = 15_000;

    private final PeerVerticle peers;
    private final IntFunction<Optional<PeerAddress>> moved;
    private final ExecutorService threads;
    private volatile IntConsumer refused = nobody -> {};
    private volatile IntConsumer silent = nobody -> {};

    /** @param moved where a node is now, if that is known from itself; else the address counts that it was admitted with */
    public QuorumTransport(PeerVerticle peers, IntFunction<Optional<PeerAddress>> moved) {
        this.peers = peers;
        this.moved = moved;
        this.threads = threads();
    }

    /**
     * Threads that take over from hand to hand: who became idle last gets the next request. A quiet log's few heartbeats a second so stay on one
     * thread, instead of going round threads that are each cold.
     */
    private static ExecutorService threads() {
        return new ThreadPoolExecutor(
                1,
                THREADS_MAX,
                THREAD_IDLE_S,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().name("tailrace-quorum-", 0).daemon().factory());
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
            peers.serve(kind.ordinal(), request -> received(receiver, kind, request));
        }
    }

    private Future<Buffer> received(Receiver receiver, Kind kind, Buffer request) {
        Promise<Buffer> answer = Promise.promise();
        try {
            threads.execute(() -> {
                try {
                    answer.complete(Buffer.buffer(receiver.receive(kind, request.getBytes())));
                } catch (IOException | RuntimeException e) {
                    answer.fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.fail(THREADS_MAX + " requests to the metadata log wait on this node, or it stops");
        }
        return answer.future();
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
        threads.shutdown(); // not now: an interrupt would close the file that is being written
    }
}
