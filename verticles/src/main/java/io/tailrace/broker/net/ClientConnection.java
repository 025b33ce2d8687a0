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
 * One connection of a Kafka client: the host of the parts that assemble frames, start requests and order responses.
 *
 * <p>Sits in the Netty pipeline before Vert.x's own handler, which would copy each buffer to the heap, and passes no bytes on to it. Vert.x
 * still owns the socket's life: it opened it, and closes it when the listener is undeployed.
 *
 * <p><b>A turn.</b> Whatever happens (bytes, a finished handler, a writable socket, memory, the end of a throttle), {@link #turn} does the same
 * three things: write the responses whose turn it is, start requests while the bounds allow, decide whether to read on. Several requests
 * of a connection may be in hand at once; their handlers are called in the order of arrival, so that what they send to one shard arrives in order too.
 *
 * <p><b>Bounds.</b> Requests in hand by count; request bytes by the node's budget; responses by what the client has not taken. At each bound
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

    private @Nullable Open open;
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
        this.dispatcher = new RequestDispatcher(services, context);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext channel) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        FrameIntake intake = new FrameIntake(channel.alloc(), services.ports().budget());
        if (ssl == null) {
            channel.channel().config().setRecvByteBufAllocator(new FrameReads(intake::target));
        } else {
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
                new ResponseEncoder(channel.alloc(), ssl == null ? FileParts.sendfile() : FileParts.chunked()),
                new ResponseOutlet(channel, services.config().requests().queuedResponseBytes(), this::turn),
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

    /** Closes the connection if it has taken too long for anything. */
    void checkDeadlines(long nowMs) {
        Open here = open;
        if (here == null || closing) {
            return;
        }
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
        }
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
        decideReading(here);
    }

    private boolean mayStart(Open here) {
        int atOnce = here.state().authenticated() ? services.config().requests().inFlightCount() : 1;
        return !closing
                && inFlight.size() < atOnce
                && !gate.holds(Reason.THROTTLED)
                && here.outlet().hasRoom();
    }

    private @Nullable ByteBuf nextFrame(Open here) {
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
        } catch (MalformedFrameException e) {
            services.ports().budget().release(frameBytes);
            breakOff(here, e.reason());
            return;
        } finally {
            frame.release();
        }
        services.ports()
                .metrics()
                .requestReceived(request.head().api(), request.head().version(), frameBytes);
        inFlight.add(request);
        AbstractRequest parsed = request.request();
        if (parsed == null) {
            services.ports().budget().release(frameBytes);
            return;
        }
        services.ports().budget().charge(request.objectBytes());
        Future<? extends ApiMessage> response = dispatcher.handle(request, parsed, here.state());
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
        services.failed(request, failure);
        ApiMessage response = Failures.response(parsed, failure);
        if (response == null) {
            // A producer that wants no responses learns of trouble only so, and then asks for metadata.
            close(here.channel());
        }
        finished(here, request, response == null ? Responses.none() : response);
    }

    private void finished(Open here, InFlightRequest request, ApiMessage response) {
        request.answer(response);
        services.ports().budget().release((long) request.frameBytes() + request.objectBytes());
        if (closed) {
            discard(request);
        } else {
            here.clock().active();
            turn();
        }
    }

    private void writeAnswered(Open here) {
        if (!closing) {
            inFlight.drainTo(request -> write(here, request));
        }
    }

    private void write(Open here, InFlightRequest request) {
        ApiMessage response = request.response();
        int frameBytes = 0;
        if (!Responses.isNone(response)) {
            if (closing) {
                discard(request);
                return;
            }
            throttle(here, request, response);
            try {
                EncodedResponse encoded = here.encoder().encode(request.head(), response, request.bodyVersion());
                frameBytes = encoded.frameBytes();
                here.outlet().write(encoded);
            } catch (RuntimeException e) {
                services.failed(request, e);
                close(here.channel());
                return;
            }
        }
        services.ports()
                .metrics()
                .responseSent(request.head().api(), frameBytes, System.nanoTime() - request.startedNanos());
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
        gate.set(Reason.BUSY, !mayStart(here) && !gate.holds(Reason.THROTTLED));
        if (here.intake().mustWait() && gate.set(Reason.BUDGET, true)) {
            services.ports().budget().await(here.intake().waitsWithHalfFrame(), () -> here.channel()
                    .executor()
                    .execute(this::memoryFreed));
        }
        here.channel().channel().config().setAutoRead(gate.isOpen());
    }

    private void memoryFreed() {
        gate.set(Reason.BUDGET, false);
        turn();
        if (closing) {
            services.ports().budget().passOn();
        } else {
            services.ports().budget().wakeNext();
        }
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
        // Requests still with their handlers keep their memory until those are done; nobody will read the answers.
        inFlight.abandon(request -> {
            if (request.isAnswered()) {
                discard(request);
            }
        });
        services.closed(remote);
        services.apis().connectionClosed(here.state().id());
        onClosed.accept(this);
    }

    private static void discard(InFlightRequest request) {
        if (!Responses.isNone(request.response())) {
            ResponseEncoder.discard(request.response(), request.bodyVersion());
        }
    }
}
