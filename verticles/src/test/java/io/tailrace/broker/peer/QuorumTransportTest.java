// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.quorum.PeerTransport.Kind;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
        return transport(0);
    }

    private QuorumTransport transport(int port) throws Exception {
        PeerVerticle peers =
                new PeerVerticle(new PeerAddress("127.0.0.1", port), new PeerSecret("a secret of the test"));
        vertx.deployVerticle(peers).toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        QuorumTransport transport = new QuorumTransport(peers, node -> Optional.empty());
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

    private static int freePort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            return taken.getLocalPort();
        }
    }

    /** Threads that take turns are all cold, and a heartbeat costs many times as much on one of those. */
    @Test
    void requestsThatComeOneByOneStayOnAWarmThread() throws Exception {
        int port = freePort();
        Map<String, Integer> received = new ConcurrentHashMap<>();
        transport(port).start((kind, request) -> {
            received.merge(Thread.currentThread().getName(), 1, Integer::sum);
            return request;
        });
        QuorumTransport asks = transport();
        int requests = 200;
        for (int i = 0; i < requests; i++) {
            byte[] request = {(byte) i};
            assertThat(asks.call(7, "127.0.0.1:" + port, Kind.APPEND_ENTRIES, request))
                    .isEqualTo(request);
        }
        // Not all: an answer may be back before the thread that gave it waits again. In turns each of six would get a
        // sixth.
        assertThat(Collections.max(received.values())).isGreaterThanOrEqualTo(requests / 4);
    }

    @Test
    void aRequestIsAnsweredWhileOthersWaitForTheirDisk() throws Exception {
        int port = freePort();
        CountDownLatch disk = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(10);
        transport(port).start((kind, request) -> {
            if (kind == Kind.APPEND_ENTRIES) {
                waiting.countDown();
                await(disk);
            }
            return request;
        });
        QuorumTransport asks = transport();
        String address = "127.0.0.1:" + port;
        List<CompletableFuture<byte[]>> appends = Stream.generate(
                        () -> later(() -> asks.call(7, address, Kind.APPEND_ENTRIES, new byte[1])))
                .limit(10)
                .toList();
        await(waiting);
        assertThat(asks.call(7, address, Kind.REQUEST_VOTE, new byte[] {3})).containsExactly(3);
        disk.countDown();
        for (CompletableFuture<byte[]> append : appends) {
            assertThat(append.exceptionally(late -> new byte[1]).get(60, TimeUnit.SECONDS))
                    .hasSize(1);
        }
    }

    @Test
    void requestsBeyondTheBoundAreRefusedWithTheReason() throws Exception {
        int port = freePort();
        CountDownLatch disk = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(QuorumTransport.THREADS_MAX);
        transport(port).start((kind, request) -> {
            waiting.countDown();
            await(disk);
            return request;
        });
        QuorumTransport asks = transport();
        String address = "127.0.0.1:" + port;
        for (int i = 0; i < QuorumTransport.THREADS_MAX; i++) {
            later(() -> asks.call(7, address, Kind.INSTALL_SNAPSHOT, new byte[1]));
        }
        await(waiting);
        assertThatThrownBy(() -> asks.call(7, address, Kind.APPEND_ENTRIES, new byte[1]))
                .isInstanceOf(IOException.class)
                .cause()
                .hasMessageContaining(QuorumTransport.THREADS_MAX + " requests");
        disk.countDown();
    }

    private static CompletableFuture<byte[]> later(Callable<byte[]> call) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                answer.complete(call.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
