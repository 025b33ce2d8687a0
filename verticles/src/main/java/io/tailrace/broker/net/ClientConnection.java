// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.tailrace.broker.api.Responses;
import io.tailrace.broker.net.ReadGate.Reason;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.NoRoomException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a Kafka client, by a socket or within a WebSocket ({@link WebSocketBytes}): the host of the parts that assemble frames, start requests and order responses.
 *
 * <p>Sits in the Netty pipeline before Vert.x's own handler, which would copy each buffer to the heap, and passes no bytes on to it. Vert.x
 * still owns the socket's life: it opened it, and closes it when the listener is undeployed.
 *
 * <p><b>A turn.</b> Whatever happens (bytes, a finished handler, a writable socket, memory, the end of a throttle), {@link #turn} does the same
 * three things: write the responses whose turn it is, start requests while the bounds allow, decide whether to read on. Several requests
 * of a connection may be in hand at once; their handlers are called in the order of arrival, so that what they send to one shard arrives in order too.
 *
 * <p><b>Bounds.</b> Requests in hand by count; request bytes, and what they become on the heap, by the node's budgets; responses by what the client has not taken. At each bound
 * reading stops, the client's TCP window closes, and nothing is dropped.
 *
 * <p>Everything happens on the event loop of the connection.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {

    private final ContextInternal context;
    private final ConnectionServices services;
    private final InetSocketAddress remote;
    private final Consumer<ClientConnection> onClosed;
    private final RequestDispatcher dispatcher;
    private final ReadGate gate = new ReadGate();
    private final ResponseQueue<InFlightRequest> inFlight = new ResponseQueue<>(InFlightRequest::isAnswered);

    private final HeapShare heap;

    private @Nullable Open open;

    /** A whole frame that there was no heap for; it is the next to be read. */
    private @Nullable ByteBuf waiting;

    private final Farewell farewell = new Farewell();
    private boolean draining;
    private boolean closing;
    private boolean closed;
    private boolean inTurn;
    private boolean inRead;

    /** What exists once there is a channel. */
    private record Open(
            ChannelHandlerContext channel,
            ConnectionState state,
            FrameIntake intake,
            ResponseEncoder encoder,
            ResponseOutlet outlet,
            ConnectionClock clock) {}

    ClientConnection(
            Context context,
            ConnectionServices services,
            InetSocketAddress remote,
            Consumer<ClientConnection> onClosed) {
        this.context = (ContextInternal) context;
        this.services = services;
        this.remote = remote;
        this.onClosed = onClosed;
        this.heap = new HeapShare(services.ports().memory().heap());
        this.dispatcher = new RequestDispatcher(services, context, heap);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext channel) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        boolean isBare = ssl == null && channel.pipeline().get(WebSocketBytes.class) == null;
        FrameIntake intake =
                new FrameIntake(channel.alloc(), services.ports().memory().frames());
        if (isBare) {
            channel.channel().config().setRecvByteBufAllocator(new FrameReads(intake::target));
        } else if (ssl != null) {
            channel.pipeline().addBefore(channel.name(), "chunks", new ChunkedWriteHandler());
        }
        ConnectionAuthenticator authenticator = services.ports()
                .authenticators()
                .open(remote, ssl == null ? null : ssl.engine().getSession());
        InetSocketAddress dialled = (InetSocketAddress) channel.channel().localAddress();
        open = new Open(
                channel,
                new ConnectionState(authenticator, remote, dialled),
                intake,
                new ResponseEncoder(
                        channel.alloc(),
                        ssl == null ? FileParts.sendfile() : FileParts.chunked(),
                        services.ports().memory().responses()),
                new ResponseOutlet(
                        channel,
                        services.config().requests().queuedResponseBytes(),
                        services.ports().memory().responses(),
                        isBare,
                        this::turn),
                new ConnectionClock(services.config().connections(), System.currentTimeMillis()));
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object bytes) {
        Open here = open;
        if (here == null || closing) {
            ((ByteBuf) bytes).release();
            return;
        }
        inRead = true;
        here.clock().active();
        here.intake().feed((ByteBuf) bytes);
        turn();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) {
        inRead = false;
        if (open != null) {
            open.outlet().flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
        turn();
        channel.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        end();
        channel.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext channel) {
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable failure) {
        // A reset, or a write after it: the client is gone, which is its right. Anything else is a bug, and costs this
        // connection.
        if (!(failure instanceof IOException)) {
            services.crashed(remote, failure);
        }
        close(channel);
    }

    /** Looks at what only time changes: closes the connection if it has taken too long for anything, goes on where memory was short. */
    void sweep(long nowMs) {
        Open here = open;
        if (here == null || closing) {
            return;
        }
        here.outlet().settle();
        checkDeadlines(here, nowMs);
        if (gate.holds(Reason.BUSY)) {
            turn();
        }
    }

    private void checkDeadlines(Open here, long nowMs) {
        ConnectionClock.Verdict verdict = here.clock()
                .check(
                        nowMs,
                        new ConnectionClock.Observed(
                                here.state().authenticated(),
                                here.intake().isPartial() && gate.isOpen(),
                                here.intake().partialBytes(),
                                inFlight.size() > 0,
                                here.outlet().pendingBytes()));
        switch (verdict) {
            case FINE -> {}
            case IDLE -> close(here.channel());
            case SLOW_FRAME -> breakOff(here, "frame took too long");
            case NOT_AUTHENTICATED -> breakOff(here, "authentication took too long");
            case STALLED -> {
                if (!services.ports().memory().responses().isAmple()) {
                    breakOff(here, "takes no answers while memory is short");
                }
            }
        }
    }

    /** Requests that wait on purpose are to be answered now. */
    void endPatience() {
        inFlight.forEach(request -> request.context().patience().end());
    }

    /** The node stops: answers what is in hand or arrives until there is a moment with nothing to do, and closes then. */
    void drain() {
        draining = true;
        if (open != null) {
            AcceptGate.shut(open.channel().channel());
        }
        endPatience();
        turn();
    }

    private void turn() {
        Open here = open;
        if (here == null || closing || inTurn) {
            return;
        }
        inTurn = true;
        try {
            context.dispatch(() -> workOrClose(here));
        } finally {
            inTurn = false;
        }
        if (!inRead) {
            here.outlet().flushSoon();
        }
    }

    private void workOrClose(Open here) {
        try {
            work(here);
        } catch (RuntimeException e) {
            services.crashed(remote, e);
            close(here.channel());
        }
    }

    private void work(Open here) {
        writeAnswered(here);
        while (mayStart(here)) {
            ByteBuf frame = nextFrame(here);
            if (frame == null) {
                break;
            }
            start(here, frame);
            writeAnswered(here);
        }
        if (draining && isQuiet(here)) {
            if (farewell.mayHangUp()) {
                closing = true;
                here.outlet().end();
                return;
            }
            listenOnce(here);
        }
        decideReading(here);
    }

    private void listenOnce(Open here) {
        int requests = farewell.requestCount();
        ScheduledFuture<?> unused = here.channel()
                .executor()
                .schedule(
                        () -> {
                            if (farewell.requestCount() == requests) {
                                farewell.onSilence();
                                turn();
                            }
                        },
                        Farewell.SILENCE_MS,
                        TimeUnit.MILLISECONDS);
    }

    private boolean isQuiet(Open here) {
        return inFlight.size() == 0 && waiting == null && !here.intake().isPartial();
    }

    private boolean mayStart(Open here) {
        int atOnce = here.state().authenticated() ? services.config().requests().inFlightCount() : 1;
        return !closing
                && inFlight.size() < atOnce
                && !gate.holds(Reason.THROTTLED)
                && !gate.holds(Reason.HEAP)
                && here.outlet().hasRoom();
    }

    private @Nullable ByteBuf nextFrame(Open here) {
        if (waiting != null) {
            ByteBuf frame = waiting;
            waiting = null;
            return frame;
        }
        try {
            return here.intake().next(dispatcher.limits(here.state()).frameBytes());
        } catch (MalformedFrameException e) {
            breakOff(here, e.reason());
            return null;
        }
    }

    private void start(Open here, ByteBuf frame) {
        int frameBytes = frame.readableBytes();
        InFlightRequest request;
        try {
            request = dispatcher.read(frame, here.state());
        } catch (NoRoomException e) {
            waiting = frame;
            gate.set(Reason.HEAP, true);
            heap.await(() ->
                    onLoopLater(here, Reason.HEAP, services.ports().memory().heap()));
            return;
        } catch (MalformedFrameException e) {
            services.ports().memory().frames().release(frameBytes);
            frame.release();
            breakOff(here, e.reason());
            return;
        }
        frame.release();
        services.ports()
                .metrics()
                .requestReceived(request.head().api(), request.head().version(), frameBytes);
        inFlight.add(request);
        AbstractRequest parsed = request.request();
        if (parsed == null) {
            finished(here, request, dispatcher.refusal());
            return;
        }
        if (draining) {
            request.context().patience().end();
        }
        boolean sentAway = farewell.onRequest(parsed, draining);
        Future<? extends ApiMessage> response =
                sentAway ? Farewell.refusal() : dispatcher.handle(request, parsed, here.state());
        response.onComplete(
                message -> onLoop(here, () -> finished(here, request, message)),
                failure -> onLoop(here, () -> failed(here, request, parsed, failure)));
    }

    private static void onLoop(Open here, Runnable task) {
        if (here.channel().executor().inEventLoop()) {
            task.run();
        } else {
            here.channel().executor().execute(task);
        }
    }

    private void failed(Open here, InFlightRequest request, AbstractRequest parsed, Throwable failure) {
        if (!Farewell.isRefusal(failure)) {
            services.failed(request, failure);
        }
        ApiMessage response = Failures.response(parsed, failure);
        if (response == null) {
            // A producer that wants no responses learns of trouble only so, and then asks for metadata.
            close(here.channel());
        }
        finished(here, request, response == null ? Responses.none() : response);
    }

    private void finished(Open here, InFlightRequest request, ApiMessage response) {
        request.answer(encode(here, request, response));
        services.ports().memory().frames().release(request.frameBytes());
        heap.settle(request.heapBytes());
        if (closed) {
            drop(here, request);
        } else {
            here.clock().active();
            turn();
        }
    }

    /** The bytes of a response; null for silence, and if nobody is there to read it. */
    private @Nullable EncodedResponse encode(Open here, InFlightRequest request, ApiMessage response) {
        if (Responses.isNone(response)) {
            return null;
        }
        if (closing) {
            ResponseEncoder.discard(response, request.bodyVersion());
            return null;
        }
        throttle(here, request, response);
        try {
            EncodedResponse encoded = here.encoder().encode(request.head(), response, request.bodyVersion());
            here.outlet().hold(encoded);
            return encoded;
        } catch (RuntimeException e) {
            services.failed(request, e);
            close(here.channel());
            return null;
        }
    }

    private void writeAnswered(Open here) {
        if (!closing) {
            inFlight.drainTo(request -> write(here, request));
        }
    }

    private void write(Open here, InFlightRequest request) {
        EncodedResponse response = request.takeResponse();
        int frameBytes = response == null ? 0 : response.frameBytes();
        if (response != null) {
            here.outlet().write(response);
        }
        services.ports()
                .metrics()
                .responseSent(request.head().api(), frameBytes, System.nanoTime() - request.startedNanos());
    }

    private static void drop(Open here, InFlightRequest request) {
        EncodedResponse response = request.takeResponse();
        if (response != null) {
            here.outlet().drop(response);
        }
    }

    private void throttle(Open here, InFlightRequest request, ApiMessage response) {
        int muteMs = services.ports()
                .throttle()
                .throttleMs(request.context(), request.head().api(), response, request.frameBytes());
        if (muteMs > 0 && gate.set(Reason.THROTTLED, true)) {
            ScheduledFuture<?> unused = here.channel()
                    .executor()
                    .schedule(
                            () -> {
                                gate.set(Reason.THROTTLED, false);
                                turn();
                            },
                            muteMs,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void decideReading(Open here) {
        if (closing) {
            return;
        }
        gate.set(Reason.BUSY, !mayStart(here) && !gate.holds(Reason.THROTTLED) && !gate.holds(Reason.HEAP));
        here.intake().settle();
        if (here.intake().mustWait() && gate.set(Reason.BUDGET, true)) {
            here.intake()
                    .await(() -> onLoopLater(
                            here, Reason.BUDGET, services.ports().memory().frames()));
        }
        here.channel().channel().config().setAutoRead(gate.isOpen());
    }

    private void onLoopLater(Open here, Reason reason, RequestBudget budget) {
        here.channel().executor().execute(() -> {
            gate.set(reason, false);
            turn();
            budget.wakeNext();
        });
    }

    private void breakOff(Open here, String reason) {
        services.broken(here.state(), reason);
        close(here.channel());
    }

    /** Nothing is read or written from here on; {@link #end} follows when Netty says that the channel is gone. */
    private void close(ChannelHandlerContext channel) {
        closing = true;
        ChannelFuture unused = channel.close();
    }

    private void end() {
        Open here = open;
        if (closed || here == null) {
            return;
        }
        closing = true;
        closed = true;
        here.intake().close();
        if (waiting != null) {
            services.ports().memory().frames().release(waiting.readableBytes());
            waiting.release();
            waiting = null;
        }
        // Requests still with their handlers keep their memory until those are done; nobody will read the answers.
        endPatience();
        inFlight.abandon(request -> drop(here, request));
        here.outlet().close();
        services.closed(remote);
        services.apis().connectionClosed(here.state().id());
        onClosed.accept(this);
    }
}
