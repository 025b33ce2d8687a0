// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.broker.peer.PeerSecret;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.broker.replication.ReplicaTransport.Answer;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leader and its followers, by real sockets. */
class LinkReplicaTransportTest {

    private static final String SECRET = "a secret of the test";
    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;
    private static final long PATIENCE_MS = 60_000;

    /** One fetch that the leader was asked, and its answer. */
    private record Asked(ReplicaMessage.Fetch fetch, Promise<Answer> answer) {}

    private final Vertx vertx = Vertx.vertx();
    private final PeerAddress address = freeAddress();
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<ReplicaMessage.Release> released = new LinkedBlockingQueue<>();
    private final List<ByteBuf> lent = new ArrayList<>();
    private final PeerVerticle leaderPort = new PeerVerticle(address, new PeerSecret(SECRET));
    private ReplicaTransport.@Nullable Service service;
    private @Nullable Context serving;

    /** One node's end, with the context that its fetches are made on. */
    private final class Node {

        private final ReplicaTransport transport;
        private final Context context = vertx.getOrCreateContext();

        Node(PeerVerticle port, Optional<PeerAddress> leader) {
            transport = new LinkReplicaTransport(vertx, new LinkReplicaTransport.Nodes(port, id -> leader));
        }

        Future<Answer> fetch(long timeoutMs) {
            Promise<Answer> answer = Promise.promise();
            context.runOnContext(here ->
                    transport.fetch(LEADER, fetchOf(timeoutMs), timeoutMs).onComplete(answer));
            return answer.future();
        }

        void release() {
            context.runOnContext(here -> transport.release(LEADER, new ReplicaMessage.Release(FOLLOWER)));
        }
    }

    private static ReplicaMessage.Fetch fetchOf(long maxWaitMs) {
        return new ReplicaMessage.Fetch(
                FOLLOWER,
                1,
                (int) maxWaitMs,
                1 << 20,
                List.of(new ReplicaMessage.Part(new Uuid(1, 2), 3, new FetchPosition(4, 5, 6, 7))));
    }

    private static PeerAddress freeAddress() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new PeerAddress("127.0.0.1", socket.getLocalPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    }

    private Asked nextAsked() throws InterruptedException {
        Asked next = asked.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private Node follower(String secret) throws Exception {
        PeerAddress own = freeAddress();
        while (own.equals(address)) {
            own = freeAddress(); // the leader's is free until it is bound
        }
        PeerVerticle port = new PeerVerticle(own, new PeerSecret(secret));
        done(vertx.deployVerticle(port));
        return new Node(port, Optional.of(address));
    }

    @BeforeEach
    void lead() throws Exception {
        done(vertx.deployVerticle(leaderPort));
        Node leader = new Node(leaderPort, Optional.empty());
        serving = leader.context;
        Promise<ReplicaTransport.Service> reachable = Promise.promise();
        serving.runOnContext(here -> leader.transport
                .serve(
                        LEADER,
                        fetch -> {
                            Asked next = new Asked(fetch, Promise.promise());
                            asked.add(next);
                            return next.answer().future();
                        },
                        released::add)
                .onComplete(reachable));
        service = done(reachable.future());
    }

    @AfterEach
    void close() throws Exception {
        done(vertx.close());
    }

    /** Records of these lengths, in memory that is counted. */
    private Answer records(int... lengths) {
        List<ReplicaMessage.Result> results = new ArrayList<>();
        List<ByteBuf> mine = new ArrayList<>();
        for (int length : lengths) {
            byte[] bytes = new byte[length];
            new Random(length).nextBytes(bytes);
            ByteBuf memory = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, length));
            ByteBuffer records = memory.nioBuffer(0, length).put(bytes).flip();
            mine.add(memory);
            results.add(new ReplicaMessage.Result(new FetchAnswer(Errors.NONE, 90, 4, null, 77), records));
        }
        lent.addAll(mine);
        return new Answer(new ReplicaMessage.Fetched(results), () -> mine.forEach(ByteBuf::release));
    }

    private void allIsGivenBack() {
        Awaitility.await().atMost(Duration.ofMillis(PATIENCE_MS)).until(() -> lent.stream()
                .allMatch(memory -> memory.refCnt() == 0));
    }

    @Test
    void recordsOfAnySizeArriveOutsideOfTheHeapAndTheirMemoryIsGivenBack() throws Exception {
        Node follower = follower(SECRET);
        int[][] answers = {
            {}, {0}, {1}, {5, 0, 700}, {70_000}, {3 << 20, 12, 3 << 20}, {9 << 20}, {100_000, 100_000}, {2}
        };
        for (int[] lengths : answers) {
            Future<Answer> answer = follower.fetch(PATIENCE_MS);
            Asked question = nextAsked();
            assertThat(question.fetch()).isEqualTo(fetchOf(PATIENCE_MS));
            question.answer().complete(records(lengths));

            Answer got = done(answer);
            List<ReplicaMessage.Result> results = got.fetched().results();
            assertThat(results).hasSize(lengths.length);
            for (int i = 0; i < lengths.length; i++) {
                byte[] expected = new byte[lengths[i]];
                new Random(lengths[i]).nextBytes(expected);
                assertThat(results.get(i).records()).isEqualTo(ByteBuffer.wrap(expected));
                assertThat(results.get(i).records().isDirect()).isTrue();
            }
            got.release().run();
        }
        allIsGivenBack();
    }

    @Test
    void aLateAnswerIsThatOfNoOtherFetch() throws Exception {
        Node follower = follower(SECRET);
        Future<Answer> hasty = follower.fetch(1_000);
        Asked late = nextAsked();
        assertThatThrownBy(() -> done(hasty)).hasCauseInstanceOf(TimeoutException.class);

        Future<Answer> next = follower.fetch(PATIENCE_MS);
        Asked question = nextAsked();
        late.answer().complete(records(11, 11));
        question.answer().complete(records(22));

        assertThat(done(next).fetched().results()).hasSize(1);
        allIsGivenBack();
    }

    @Test
    void whoDoesNotKnowTheSecretGetsNothing() throws Exception {
        Node stranger = follower("another secret");
        assertThatThrownBy(() -> done(stranger.fetch(PATIENCE_MS))).hasMessageContaining("refuses this node");
        assertThat(asked).isEmpty();
    }

    @Test
    void aNodeThatNobodyKnowsIsNotWaitedFor() throws Exception {
        Node lost = new Node(leaderPort, Optional.empty());
        assertThatThrownBy(() -> done(lost.fetch(10 * PATIENCE_MS)))
                .hasMessageContaining("nobody knows where node 1 is");
    }

    @Test
    void aReleaseOvertakesTheFetchThatWaits() throws Exception {
        Node follower = follower(SECRET);
        Future<Answer> answer = follower.fetch(PATIENCE_MS);
        Asked question = nextAsked();
        follower.release();
        assertThat(released.poll(PATIENCE_MS, TimeUnit.MILLISECONDS)).isEqualTo(new ReplicaMessage.Release(FOLLOWER));
        question.answer().complete(records(1));
        done(answer).release().run();
    }

    @Test
    void whatWaitsWhenALeaderStopsIsAnsweredAndNothingAfterIt() throws Exception {
        Node follower = follower(SECRET);
        Future<Answer> waiting = follower.fetch(PATIENCE_MS);
        Asked question = nextAsked();
        assertThat(service).isNotNull();
        done(service.end());
        question.answer().complete(records(5));
        done(waiting).release().run();

        assertThatThrownBy(() -> done(follower.fetch(PATIENCE_MS))).hasMessageContaining("closed the connection");
        assertThatThrownBy(() -> done(follower.fetch(PATIENCE_MS))).hasMessageContaining("does not take it");
        assertThat(asked).isEmpty();
        allIsGivenBack();
    }

    @Test
    void theEndOfServingIsToldWhereItServed() throws Exception {
        Node follower = follower(SECRET);
        Future<Answer> waiting = follower.fetch(PATIENCE_MS);
        Asked question = nextAsked();
        assertThat(service).isNotNull();
        Promise<@Nullable Context> told = Promise.promise();
        service.end().onComplete(ended -> told.complete(Vertx.currentContext()));

        assertThat(done(told.future())).isSameAs(serving);
        question.answer().complete(records(5));
        done(waiting).release().run();
    }

    @Test
    void aFollowerThatComesAnewTakesThePlaceOfItsOlderConnection() throws Exception {
        Node before = follower(SECRET);
        Future<Answer> waiting = before.fetch(PATIENCE_MS);
        nextAsked();
        Node after = follower(SECRET);
        Future<Answer> answer = after.fetch(PATIENCE_MS);
        nextAsked().answer().complete(records(3));

        assertThat(done(answer).fetched().results()).hasSize(1);
        assertThatThrownBy(() -> done(waiting)).hasMessageContaining("closed the connection");
    }

    @Test
    void aFetchThatCannotBeAnsweredFailsAtOnce() throws Exception {
        Node follower = follower(SECRET);
        Future<Answer> answer = follower.fetch(PATIENCE_MS);
        nextAsked().answer().fail("something is wrong here");
        assertThatThrownBy(() -> done(answer)).hasMessageContaining("closed the connection");

        Future<Answer> next = follower.fetch(PATIENCE_MS);
        nextAsked().answer().complete(records(3));
        assertThat(done(next).fetched().results()).hasSize(1);
    }
}
