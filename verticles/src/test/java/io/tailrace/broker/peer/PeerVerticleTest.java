// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two cluster ports on loopback. */
class PeerVerticleTest {

    private static final String SECRET = "a secret of the test";
    private static final long PATIENCE_MS = 60_000;

    private final Vertx vertx = Vertx.vertx();
    private final PeerAddress address = freeAddress();
    private final PeerVerticle server = new PeerVerticle(address, new PeerSecret(SECRET));

    private static PeerAddress freeAddress() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new PeerAddress("127.0.0.1", socket.getLocalPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    }

    private PeerVerticle client(String secret) throws Exception {
        PeerAddress own = freeAddress();
        while (own.equals(address)) {
            own = freeAddress(); // the server's is free until it is bound
        }
        PeerVerticle client = new PeerVerticle(own, new PeerSecret(secret));
        await(vertx.deployVerticle(client));
        return client;
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void carriesRequestsOfAnySizeAndAnswersInAnyOrder() throws Exception {
        Promise<Buffer> held = Promise.promise();
        server.serve(0, request -> request.length() == 0 ? held.future() : Future.succeededFuture(request));
        await(vertx.deployVerticle(server));
        PeerVerticle client = client(SECRET);
        Future<Buffer> slow = client.call(address, 0, Buffer.buffer(), PATIENCE_MS);
        List<Future<Buffer>> answers = new ArrayList<>();
        List<Buffer> asked = new ArrayList<>();
        for (int length : new int[] {1, 100, 70_000, 3_000_000, 2}) {
            Buffer request = Buffer.buffer(new byte[length]).setInt(0, length);
            asked.add(request);
            answers.add(client.call(address, 0, request, PATIENCE_MS));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(await(answers.get(i))).isEqualTo(asked.get(i));
        }
        held.complete(Buffer.buffer("at last"));
        assertThat(await(slow)).hasToString("at last");
    }

    @Test
    void givesUpWhatIsNotAnsweredInTimeAndNothingElse() throws Exception {
        Promise<Buffer> held = Promise.promise(); // also for what comes in after the hasty have given up
        server.serve(0, request -> held.future());
        await(vertx.deployVerticle(server));
        PeerVerticle client = client(SECRET);
        Future<Buffer> patient = client.call(address, 0, Buffer.buffer("patient"), PATIENCE_MS);
        Future<Buffer> hasty = client.call(address, 0, Buffer.buffer("hasty"), 300);
        Future<Buffer> hastyToo = client.call(address, 0, Buffer.buffer("hasty too"), 600);
        for (Future<Buffer> lost : List.of(hasty, hastyToo)) {
            assertThatThrownBy(() -> await(lost)).hasCauseInstanceOf(TimeoutException.class);
        }
        assertThat(patient.isComplete()).isFalse();
        held.complete(Buffer.buffer("at last"));
        assertThat(await(patient)).hasToString("at last");
    }

    @Test
    void tellsTheOtherSidesFailure() throws Exception {
        server.serve(0, request -> Future.failedFuture("not today"));
        await(vertx.deployVerticle(server));
        PeerVerticle client = client(SECRET);
        assertThatThrownBy(() -> await(client.call(address, 0, Buffer.buffer("x"), PATIENCE_MS)))
                .hasMessageContaining("not today");
        assertThatThrownBy(() -> await(client.call(address, 7, Buffer.buffer("x"), PATIENCE_MS)))
                .hasMessageContaining("does not serve requests of kind 7");
    }

    @Test
    void refusesWhoDoesNotKnowTheSecret() throws Exception {
        boolean[] reached = {false};
        server.serve(0, request -> {
            reached[0] = true;
            return Future.succeededFuture(request);
        });
        await(vertx.deployVerticle(server));
        PeerVerticle stranger = client("another secret");
        assertThatThrownBy(() -> await(stranger.call(address, 0, Buffer.buffer("x"), PATIENCE_MS)))
                .hasMessageContaining("refuses this node");
        assertThat(reached[0]).isFalse();
    }

    @Test
    void hangsUpOnAStrangersLongFrame() throws Exception {
        await(vertx.deployVerticle(server));
        try (Socket socket = new Socket(address.host(), address.port())) {
            socket.setSoTimeout((int) PATIENCE_MS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readNBytes(in.readInt());
            socket.getOutputStream().write(Buffer.buffer().appendInt(1 << 30).getBytes());
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void dialsAgainAfterTheOtherSideWasAway() throws Exception {
        PeerVerticle client = client(SECRET);
        assertThatThrownBy(() -> await(client.call(address, 0, Buffer.buffer("x"), PATIENCE_MS)))
                .hasMessageContaining("cannot reach");
        server.serve(0, Future::succeededFuture);
        await(vertx.deployVerticle(server));
        assertThat(await(client.call(address, 0, Buffer.buffer("x"), PATIENCE_MS)))
                .hasToString("x");
    }
}
