// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.NodeIdentity;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka connections within WebSockets that Vert.x has opened, without a node. */
@Timeout(60)
final class KafkaWebSocketsTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ListenerPorts ports = ListenerPorts.plain(RequestBudget.ofThisMachine());
    private final Vertx vertx = Vertx.vertx();
    private KafkaWebSockets.Loop loop;
    private int port;

    private void serve(ConnectionRules rules) {
        KafkaWebSockets sockets = new KafkaWebSockets(
                ListenerFixture.config().with(rules),
                ApiRegistry.of(List.of(), () -> ListenerFixture.FEATURES, () -> new NodeIdentity("c", 1)),
                ports);
        ListenerFixture.await(vertx.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> start() {
                KafkaWebSockets.Loop mine = sockets.open(vertx, context);
                loop = mine;
                return vertx.createHttpServer(new HttpServerOptions().addWebSocketSubProtocol("kafka"))
                        .webSocketHandshakeHandler(
                                handshake -> handshake.accept().onSuccess(mine::take))
                        .requestHandler(request -> request.response().end())
                        .listen(0, "127.0.0.1")
                        .onSuccess(server -> port = server.actualPort());
            }
        }));
    }

    @AfterEach
    void end() {
        ListenerFixture.await(vertx.close());
        assertThat(ports.counts().total())
                .as("connections that are still counted")
                .isZero();
    }

    @Test
    void answersEachRequestOfAStreamThatIsCutAnywhere() throws Exception {
        serve(ConnectionRules.defaults());
        Wire wire = new Wire();
        for (int i = 0; i < 20; i++) {
            byte[] frame = frame(i);
            int cut = 1 + i % (frame.length - 1);
            wire.socket.sendBinary(ByteBuffer.wrap(frame, 0, cut), i % 3 == 0).join();
            wire.socket
                    .sendBinary(ByteBuffer.wrap(frame, cut, frame.length - cut), true)
                    .join();
        }
        for (int i = 0; i < 20; i++) {
            assertThat(wire.answer().getInt()).isEqualTo(i);
        }
    }

    @Test
    void endsAtOnceWhenAClientSaysGoodbye() throws Exception {
        serve(ConnectionRules.defaults());
        Wire wire = new Wire();
        wire.socket.sendBinary(ByteBuffer.wrap(frame(1)), true).join();
        wire.answer();
        assertThat(ports.counts().total()).isEqualTo(1);
        wire.socket.sendClose(4000, "").join();
        // Vert.x by itself would wait for ten seconds; the JDK's own client for thirty.
        assertThat(wire.closed.get(8, TimeUnit.SECONDS)).isEqualTo(4000);
    }

    @Test
    void saysGoodbyeToThoseWhoAreQuietWhenItStops() throws Exception {
        serve(ConnectionRules.defaults());
        Wire wire = new Wire();
        wire.socket.sendBinary(ByteBuffer.wrap(frame(1)), true).join();
        wire.answer();
        ListenerFixture.await(loop.drain());
        assertThat(wire.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
    }

    @Test
    void takesNoMoreThanItMay() throws Exception {
        serve(new ConnectionRules(1, 1, java.util.Map.of(), 60_000, 30_000, 10_000));
        Wire first = new Wire();
        first.socket.sendBinary(ByteBuffer.wrap(frame(1)), true).join();
        first.answer();
        Wire second = new Wire();
        assertThat(second.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
        first.socket.sendBinary(ByteBuffer.wrap(frame(2)), true).join();
        assertThat(first.answer().getInt()).isEqualTo(2);
    }

    private static byte[] frame(int correlationId) {
        return RawClient.frame(
                ApiKeys.API_VERSIONS,
                3,
                correlationId,
                new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1"));
    }

    private final class Wire implements WebSocket.Listener {

        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final WebSocket socket;
        private int taken;

        Wire() {
            socket = HTTP.newWebSocketBuilder()
                    .subprotocols("kafka")
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/kafka"), this)
                    .join();
        }

        ByteBuffer answer() throws InterruptedException {
            return take(take(4).getInt());
        }

        private synchronized ByteBuffer take(int count) throws InterruptedException {
            while (received.size() - taken < count) {
                wait();
            }
            taken += count;
            return ByteBuffer.wrap(received.toByteArray(), taken - count, count).slice();
        }

        @Override
        public synchronized CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
            byte[] bytes = new byte[part.remaining()];
            part.get(bytes);
            received.writeBytes(bytes);
            notifyAll();
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            closed.completeExceptionally(failure);
        }
    }
}
