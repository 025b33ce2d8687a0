// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.netty.channel.RecvByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster port of this node: takes requests of other nodes, and makes them. One connection for each direction between two nodes, made when
 * first needed; it carries requests of any number, answered in any order.
 *
 * <p>A failed connection fails what waits on it; the next request dials again. Nothing is ever repeated here: that is for who asks.
 */
public final class PeerVerticle extends VerticleBase {

    /** What a request is about; the wire has the number. 0 to 9 are the Raft library's. */
    public static final int HELLO = 10;

    public static final int JOIN = 11;

    /** Not a request: the connection is from then on one of the two nodes' logs. */
    public static final int REPLICA = 12;

    /** Correlation and status. */
    static final int ANSWER_HEAD_BYTES = 9;

    private static final Logger LOG = LoggerFactory.getLogger(PeerVerticle.class);

    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final long HANDSHAKE_TIMEOUT_MS = 3_000;

    /** More waiting answers than this and the other side is hopelessly behind. */
    private static final int IN_FLIGHT_MAX = 256;

    private final PeerAddress bound;
    private final PeerSecret secret;
    private final Map<Integer, Function<Buffer, Future<Buffer>>> served = new ConcurrentHashMap<>();
    private final Map<Integer, Consumer<NetSocket>> streams = new ConcurrentHashMap<>();
    private final Map<PeerAddress, Link> links = new HashMap<>();
    private @Nullable NetServer server;
    private volatile @Nullable NetClient client;

    public PeerVerticle(PeerAddress bound, PeerSecret secret) {
        this.bound = bound;
        this.secret = secret;
    }

    @Override
    public Future<?> start() {
        client = vertx.createNetClient(
                new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS).setTcpNoDelay(true));
        NetServer listening = vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true))
                .connectHandler(this::accepted);
        server = listening;
        return listening.listen(bound.port(), bound.host());
    }

    @Override
    public Future<?> stop() {
        links.values().forEach(link -> link.broken("this node stops", null));
        return server == null ? Future.succeededFuture() : server.close();
    }

    /**
     * Answers requests of one kind; the handler is called on an event loop and must not block. What its future fails with is told to the asker
     * as a text.
     */
    public void serve(int kind, Function<Buffer, Future<Buffer>> handler) {
        served.put(kind, handler);
    }

    /**
     * Gives away connections on which the other side asks for one of this kind. The other side speaks first.
     *
     * @param taker called on an event loop, with a connection that is the taker's from then on
     */
    public void serveStreams(int kind, Consumer<NetSocket> taker) {
        streams.put(kind, taker);
    }

    /** From now on nobody gets a connection of this kind. */
    public void endStreams(int kind) {
        streams.remove(kind);
    }

    /**
     * Makes a connection of its own to another node, for what that one serves with {@link #serveStreams}.
     *
     * @param reads where the connection is to read to, from its first byte on
     * @return the connection, on the event loop of the caller, who speaks first; fails if it cannot be had in time
     */
    public Future<NetSocket> open(PeerAddress to, int kind, RecvByteBufAllocator reads, long timeoutMs) {
        NetClient dialler = client;
        return dialler == null
                ? Future.failedFuture("this node is starting itself")
                : StreamDial.open(vertx, dialler, secret, to, kind, reads, timeoutMs);
    }

    /**
     * Asks another node. From any thread.
     *
     * @return the answer; fails if none came in time, with the text of the other side's failure if that is why
     */
    public Future<Buffer> call(PeerAddress to, int kind, Buffer request, long timeoutMs) {
        Promise<Buffer> answer = Promise.promise();
        context.runOnContext(any -> links.computeIfAbsent(to, Link::new).send(kind, request, answer, timeoutMs));
        return answer.future();
    }

    private void accepted(NetSocket socket) {
        byte[] nonce = secret.nonce();
        long handshake = vertx.setTimer(HANDSHAKE_TIMEOUT_MS, any -> close(socket));
        boolean[] proved = {false};
        PeerFrames[] frames = new PeerFrames[1];
        frames[0] = new PeerFrames(socket, frame -> {
            if (proved[0]) {
                answer(socket, frame);
                return;
            }
            vertx.cancelTimer(handshake);
            byte[] clientNonce = frame.getBytes(0, Math.min(frame.length(), PeerSecret.NONCE_BYTES));
            byte[] expected = secret.proofOfClient(nonce, clientNonce);
            byte[] told = frame.getBytes(clientNonce.length, frame.length());
            if (!PeerSecret.same(expected, told)) {
                LOG.warn("refused {}: it does not know the cluster's secret", socket.remoteAddress());
                close(socket);
                return;
            }
            proved[0] = true;
            frames[0].trusted();
            send(socket, Buffer.buffer(secret.proofOfServer(nonce, clientNonce)));
        });
        socket.handler(frames[0]);
        socket.exceptionHandler(failure -> close(socket));
        socket.closeHandler(any -> vertx.cancelTimer(handshake));
        send(socket, PeerFrames.MAGIC, Buffer.buffer(nonce));
    }

    private void answer(NetSocket socket, Buffer request) {
        if (request.length() < ANSWER_HEAD_BYTES) {
            close(socket);
            return;
        }
        Buffer correlation = request.getBuffer(0, 8);
        int kind = request.getUnsignedByte(8);
        Consumer<NetSocket> taker = streams.get(kind);
        if (taker != null) {
            send(socket, correlation, Buffer.buffer().appendByte((byte) 0));
            taker.accept(socket);
            return;
        }
        Function<Buffer, Future<Buffer>> handler = served.get(kind);
        Future<Buffer> answered = handler == null
                ? Future.failedFuture("this node does not serve requests of kind " + kind + " yet")
                : handled(handler, request.getBuffer(9, request.length()));
        answered.onSuccess(bytes -> send(socket, correlation, Buffer.buffer().appendByte((byte) 0), bytes))
                .onFailure(failure -> send(
                        socket,
                        correlation,
                        Buffer.buffer().appendByte((byte) 1),
                        Buffer.buffer(String.valueOf(failure.getMessage()))));
    }

    private static Future<Buffer> handled(Function<Buffer, Future<Buffer>> handler, Buffer request) {
        try {
            return handler.apply(request);
        } catch (RuntimeException nonsense) {
            return Future.failedFuture(nonsense);
        }
    }

    static void send(NetSocket socket, Buffer... parts) {
        socket.write(PeerFrames.framed(parts)).onFailure(failure -> close(socket));
    }

    static void close(NetSocket socket) {
        socket.close().onFailure(failure -> LOG.debug("closing {}", socket.remoteAddress(), failure));
    }

    private record Waiting(Promise<Buffer> answer, long dueNanos) {}

    /** The way to one node; on the verticle's event loop. */
    private final class Link {

        private final PeerAddress to;
        private final Map<Long, Waiting> waiting = new HashMap<>();
        private final Map<Long, Buffer> unsent = new java.util.LinkedHashMap<>();
        private @Nullable NetSocket socket;
        private boolean dialling;
        private boolean open;
        private long nextCorrelation;

        /** When the one timer rings that looks after them all: nearly every request is answered long before, and then none has to be stopped. */
        private long alarmNanos;

        private boolean alarmed;

        Link(PeerAddress to) {
            this.to = to;
        }

        void send(int kind, Buffer request, Promise<Buffer> answer, long timeoutMs) {
            if (waiting.size() >= IN_FLIGHT_MAX) {
                answer.tryFail(new IOException(waiting.size() + " requests wait for " + to));
                return;
            }
            long correlation = nextCorrelation++;
            long dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            waiting.put(correlation, new Waiting(answer, dueNanos));
            alarm(dueNanos);
            Buffer frame =
                    PeerFrames.framed(Buffer.buffer().appendLong(correlation).appendByte((byte) kind), request);
            if (open && socket != null) {
                write(frame);
            } else {
                unsent.put(correlation, frame);
                dial();
            }
        }

        private void alarm(long dueNanos) {
            if (alarmed && alarmNanos - dueNanos <= 0) {
                return; // it rings in time
            }
            alarmed = true;
            alarmNanos = dueNanos;
            long delayMs = TimeUnit.NANOSECONDS.toMillis(dueNanos - System.nanoTime());
            vertx.setTimer(Math.max(1, delayMs + 1), rang -> {
                if (alarmNanos == dueNanos) {
                    alarmed = false;
                    giveUpLate();
                }
            });
        }

        private void giveUpLate() {
            long nowNanos = System.nanoTime();
            List<Promise<Buffer>> late = new ArrayList<>();
            long nextNanos = Long.MAX_VALUE;
            for (Iterator<Map.Entry<Long, Waiting>> all = waiting.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<Long, Waiting> it = all.next();
                long leftNanos = it.getValue().dueNanos() - nowNanos;
                if (leftNanos <= 0) {
                    late.add(it.getValue().answer());
                    unsent.remove(it.getKey());
                    all.remove();
                } else {
                    nextNanos = Math.min(nextNanos, leftNanos);
                }
            }
            if (!waiting.isEmpty()) {
                alarm(nowNanos + nextNanos);
            }
            late.forEach(answer -> answer.tryFail(new TimeoutException(to + " does not answer in time")));
        }

        private void dial() {
            NetClient dialler = client;
            if (dialling || dialler == null) {
                return;
            }
            dialling = true;
            dialler.connect(to.port(), to.host())
                    .onSuccess(this::connected)
                    .onFailure(failure -> broken("cannot reach " + to + ": " + failure.getMessage(), failure));
        }

        private void connected(NetSocket made) {
            socket = made;
            long handshake = vertx.setTimer(HANDSHAKE_TIMEOUT_MS, any -> close(made));
            Introduction introduction = new Introduction(secret, made);
            PeerFrames[] frames = new PeerFrames[1];
            frames[0] = new PeerFrames(made, frame -> {
                if (open) {
                    answered(frame);
                    return;
                }
                switch (introduction.take(frame)) {
                    case GOES_ON -> {}
                    case DONE -> {
                        vertx.cancelTimer(handshake);
                        open = true;
                        dialling = false;
                        frames[0].trusted();
                        unsent.values().forEach(this::write);
                        unsent.clear();
                    }
                    case NONSENSE -> close(made);
                    case WRONG_SECRET -> {
                        LOG.warn("{} does not know the cluster's secret", to);
                        close(made);
                    }
                }
            });
            made.handler(frames[0]);
            made.exceptionHandler(failure -> close(made));
            made.closeHandler(any -> {
                vertx.cancelTimer(handshake);
                if (socket == made) {
                    broken(
                            open
                                    ? to + " has closed the connection"
                                    : to + " refuses this node; is the secret the same?",
                            null);
                }
            });
        }

        private void write(Buffer frame) {
            NetSocket to = socket;
            if (to != null) {
                to.write(frame).onFailure(failure -> close(to));
            }
        }

        private void answered(Buffer frame) {
            if (frame.length() < 9) {
                broken(to + " answers with nonsense", null);
                return;
            }
            Waiting asked = waiting.remove(frame.getLong(0));
            if (asked == null) {
                return; // too late: nobody waits any more
            }
            Promise<Buffer> answer = asked.answer();
            Buffer bytes = frame.getBuffer(9, frame.length());
            if (frame.getByte(8) == 0) {
                answer.tryComplete(bytes);
            } else {
                answer.tryFail(new IOException(to + ": " + bytes));
            }
        }

        private void broken(String why, @Nullable Throwable cause) {
            NetSocket old = socket;
            socket = null;
            open = false;
            dialling = false;
            unsent.clear();
            List<Waiting> lost = List.copyOf(waiting.values());
            waiting.clear();
            if (old != null) {
                close(old);
            }
            lost.forEach(it -> it.answer().tryFail(new IOException(why, cause)));
        }
    }
}
