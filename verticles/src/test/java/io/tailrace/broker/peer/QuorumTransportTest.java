// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.quorum.PeerTransport.Kind;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a voter learns of others by not reaching them. */
class QuorumTransportTest {

    private final Vertx vertx = Vertx.vertx();
    private final List<Integer> refused = new CopyOnWriteArrayList<>();
    private final List<Integer> silent = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private QuorumTransport transport() throws Exception {
        PeerVerticle peers = new PeerVerticle(new PeerAddress("127.0.0.1", 0), new PeerSecret("a secret of the test"));
        vertx.deployVerticle(peers).toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        QuorumTransport transport = new QuorumTransport(vertx, peers, node -> Optional.empty());
        transport.onRefused(refused::add);
        transport.onSilent(silent::add);
        return transport;
    }

    @Test
    void tellsOfANodeWhereNobodyListens() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
        }
        QuorumTransport transport = transport();
        assertThatThrownBy(() -> transport.call(7, "127.0.0.1:" + port, Kind.APPEND_ENTRIES, new byte[1]))
                .isInstanceOf(IOException.class);
        assertThat(refused).containsExactly(7);
        assertThat(silent).isEmpty();
    }

    /** It may hang, or be cut off: whether its heartbeats still come is for others to judge. */
    @Test
    void tellsOfANodeThatIsSilentToALeader() throws Exception {
        QuorumTransport transport = transport();
        try (ServerSocket hangs = new ServerSocket(0)) {
            String address = "127.0.0.1:" + hangs.getLocalPort();
            assertThatThrownBy(() -> transport.call(7, address, Kind.APPEND_ENTRIES, new byte[1]))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> transport.call(8, address, Kind.REQUEST_VOTE, new byte[1]))
                    .isInstanceOf(IOException.class);
        }
        assertThat(silent).containsExactly(7);
        assertThat(refused).isEmpty();
    }
}
