// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.internal.http.WebSocketInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Many subscribers, from several addresses of this machine, as one address has no more than 28,000 ports towards one server. */
final class Fleet implements AutoCloseable {

    private static final int AT_ONCE = 100;
    private static final int CLIENTS_OF_ONE_ADDRESS = 20_000;
    private static final int BUSY = 503;
    private static final int FRAME_BYTES = 4 << 20;
    private static final long PATIENCE_S = 300;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    private final List<WebSocketClient> sources = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Received received = new Received();
    private final String host;
    private final int port;

    /** What comes from the network, before anything is unpacked. */
    @ChannelHandler.Sharable
    private static final class Received extends ChannelInboundHandlerAdapter {
        private final LongAdder bytes = new LongAdder();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf some) {
                bytes.add(some.readableBytes());
            }
            context.fireChannelRead(message);
        }
    }

    /**
     * @param address {@code host:port} of the gateway
     * @param compress whether to offer permessage-deflate
     */
    Fleet(String address, int size, boolean compress) {
        this.host = address.substring(0, address.lastIndexOf(':'));
        this.port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        for (int i = 0; i <= size / CLIENTS_OF_ONE_ADDRESS; i++) {
            WebSocketClientOptions options = new WebSocketClientOptions()
                    .setMaxConnections(CLIENTS_OF_ONE_ADDRESS + 1)
                    .setMaxFrameSize(FRAME_BYTES)
                    .setMaxMessageSize(FRAME_BYTES)
                    .setTryUsePerMessageCompression(compress)
                    .setCompressionAllowClientNoContext(true)
                    .setCompressionRequestServerNoContext(true)
                    .setConnectTimeout(60_000);
            if (i > 0) {
                options.setLocalAddress("127.0.0." + (i + 1));
            }
            sources.add(vertx.createWebSocketClient(options));
        }
    }

    /** Adds subscribers and waits until all of them are open. */
    void open(int count, Client.Request request, LongConsumer latencyNs) throws InterruptedException {
        List<Client> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            added.add(new Client(clients.size() + i, request, latencyNs));
        }
        clients.addAll(added);
        connect(added, ignored -> {});
    }

    /**
     * Connects clients, some at a time, and waits. Who is told to come again later does so, beside the others.
     *
     * @param openedNs told the time from the wish to connect to being open, of each
     */
    void connect(List<Client> some, LongConsumer openedNs) throws InterruptedException {
        Semaphore room = new Semaphore(AT_ONCE);
        CountDownLatch open = new CountDownLatch(some.size());
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        long startNs = System.nanoTime();
        for (int i = 0; i < some.size(); i++) {
            Client client = some.get(i);
            room.acquire();
            AtomicBoolean inside = new AtomicBoolean(true);
            Runnable leave = () -> {
                if (inside.getAndSet(false)) {
                    room.release();
                }
            };
            dial(sources.get(i % sources.size()), client.subProtocol(), leave)
                    .onSuccess(socket -> client.start(socket, () -> {
                        openedNs.accept(System.nanoTime() - startNs);
                        open.countDown();
                        leave.run();
                    }))
                    .onFailure(lost -> {
                        failure.set(lost);
                        open.countDown();
                    });
        }
        if (!open.await(PATIENCE_S, TimeUnit.SECONDS) || failure.get() != null) {
            throw new IllegalStateException(open.getCount() + " clients did not get in", failure.get());
        }
    }

    /** @param refused told if the server would not have it; it may still come later */
    private Future<WebSocket> dial(WebSocketClient source, String subProtocol, Runnable refused) {
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost(host)
                .setPort(port)
                .setURI("/v1/socket")
                .addSubProtocol(subProtocol);
        return source.connect(options)
                .onSuccess(this::count)
                .onFailure(failure -> refused.run())
                .recover(failure -> retryAfterMs(failure)
                        .map(delayMs -> vertx.timer(delayMs).compose(due -> dial(source, subProtocol, () -> {})))
                        .orElseGet(() -> Future.failedFuture(failure)));
    }

    private void count(WebSocket socket) {
        ((WebSocketInternal) socket).channelHandlerContext().pipeline().addFirst(received);
    }

    /** When a busy server said to come again, and as all who were told the same second shall not come together, some part of one more. */
    private static Optional<Long> retryAfterMs(Throwable failure) {
        return failure instanceof UpgradeRejectedException it && it.getStatus() == BUSY
                ? Optional.ofNullable(it.getHeaders().get(HttpHeaders.RETRY_AFTER))
                        .map(seconds -> Long.parseLong(seconds) * 1_000
                                + ThreadLocalRandom.current().nextLong(1_000))
                : Optional.empty();
    }

    /** Received by all of them since they were open, with what frames them. */
    long bytes() {
        return received.bytes.sum();
    }

    List<Client> clients() {
        return clients;
    }

    long sum(ToLongFunction<Client> what) {
        return clients.stream().mapToLong(what).sum();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
