// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.NodeIdentity;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kafka connections within WebSockets that Vert.x has opened, without a node. */
@Timeout(60)
final class KafkaWebSocketsTest {

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
        WebSocketWire wire = open();
        for (int i = 0; i < 20; i++) {
            byte[] frame = frame(i);
            int cut = 1 + i % (frame.length - 1);
            wire.send(frame, 0, cut, i % 3 == 0);
            wire.send(frame, cut, frame.length, true);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(wire.receive().getInt()).isEqualTo(i);
        }
    }

    @Test
    void endsAtOnceWhenAClientSaysGoodbye() throws Exception {
        serve(ConnectionRules.defaults());
        WebSocketWire wire = open();
        wire.send(frame(1));
        wire.receive();
        assertThat(ports.counts().total()).isEqualTo(1);
        wire.socket().sendClose(4000, "").join();
        // Vert.x by itself would wait for ten seconds; the JDK's own client for thirty.
        assertThat(wire.closed().get(8, TimeUnit.SECONDS)).isEqualTo(4000);
    }

    @Test
    void saysGoodbyeToThoseWhoAreQuietWhenItStops() throws Exception {
        serve(ConnectionRules.defaults());
        WebSocketWire wire = open();
        wire.send(frame(1));
        wire.receive();
        ListenerFixture.await(loop.drain());
        assertThat(wire.closed().get(20, TimeUnit.SECONDS)).isEqualTo(1001);
    }

    @Test
    void takesNoMoreThanItMay() throws Exception {
        serve(new ConnectionRules(1, 1, java.util.Map.of(), 60_000, 30_000, 10_000));
        WebSocketWire first = open();
        first.send(frame(1));
        first.receive();
        WebSocketWire second = open();
        assertThat(second.closed().get(20, TimeUnit.SECONDS)).isEqualTo(1001);
        first.send(frame(2));
        assertThat(first.receive().getInt()).isEqualTo(2);
    }

    private WebSocketWire open() {
        return WebSocketWire.open("127.0.0.1:" + port);
    }

    private static byte[] frame(int correlationId) {
        return RawClient.frame(
                ApiKeys.API_VERSIONS,
                3,
                correlationId,
                new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1"));
    }
}
