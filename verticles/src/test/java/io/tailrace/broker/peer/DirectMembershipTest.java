// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.FreePorts;
import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.membership.MembershipConfig;
import io.tailrace.cluster.membership.hazelcast.HazelcastMembership;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Buses of several nodes in one process, with a real Hazelcast between them. */
class DirectMembershipTest {

    private static final DeliveryOptions PATIENT = new DeliveryOptions().setSendTimeout(600_000);
    private static final DeliveryOptions HASTY = new DeliveryOptions().setSendTimeout(2_000);

    private final List<Node> nodes = new ArrayList<>();
    private final List<String> members = new ArrayList<>();

    private record Node(int id, PeerAddress address, DirectMembership membership, Vertx vertx) {}

    private Node start(int id) throws Exception {
        PeerAddress address = new PeerAddress("127.0.0.1", FreePorts.inARow(3));
        members.add(address.host() + ":" + address.membershipPort());
        DirectMembership membership = new DirectMembership(
                HazelcastMembership.configure(
                        new MembershipConfig(
                                id, "a-test", address.host(), address.host(), address.membershipPort(), members),
                        lost -> {},
                        () -> {}),
                id,
                address);
        Vertx vertx = done(Vertx.builder()
                .with(new VertxOptions()
                        .setEventBusOptions(
                                new EventBusOptions().setHost(address.host()).setPort(address.busPort())))
                .withClusterManager(membership)
                .buildClustered());
        Node node = new Node(id, address, membership, vertx);
        nodes.add(node);
        return node;
    }

    private void allKnowAll() {
        await().atMost(Duration.ofSeconds(60)).until(() -> nodes.stream()
                .allMatch(node -> node.membership().getNodes().size() == nodes.size()));
    }

    private static void listen(Node node, String answer) {
        node.vertx().eventBus().<String>consumer(Addresses.controller(node.id()), asked -> asked.reply(answer));
    }

    private static Future<String> ask(Node from, int to) {
        return ask(from, to, PATIENT);
    }

    private static Future<String> ask(Node from, int to, DeliveryOptions options) {
        return from.vertx()
                .eventBus()
                .<String>request(Addresses.controller(to), "who are you?", options)
                .map(Message::body);
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        for (Node node : nodes) {
            done(node.vertx().close());
        }
    }

    @Test
    void everyNodeIsReachedFromEveryOneAndNothingIsKeptInHazelcast() throws Exception {
        for (int id = 1; id <= 3; id++) {
            listen(start(id), "node " + id);
        }
        allKnowAll();
        for (Node from : nodes) {
            for (Node to : nodes) {
                assertThat(done(ask(from, to.id()))).isEqualTo("node " + to.id());
                assertThat(from.membership().addressOf(to.id())).hasValue(to.address());
            }
        }
        assertThat(nodes.get(0)
                        .membership()
                        .getHazelcastInstance()
                        .getMultiMap("__vertx.subs")
                        .size())
                .isZero();
        assertThat(nodes.get(0)
                        .membership()
                        .getHazelcastInstance()
                        .getMap("__vertx.nodeInfo")
                        .size())
                .isZero();
    }

    @Test
    void whatNobodyListensForFailsLongBeforeItsTime() throws Exception {
        Node one = start(1);
        Node two = start(2);
        allKnowAll();
        assertThat(one.membership().addressOf(9)).isEmpty();
        assertThatThrownBy(() -> done(ask(one, 9)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(ReplyException.class, failure -> assertThat(failure.failureType())
                        .isEqualTo(ReplyFailure.NO_HANDLERS));
        // Node 2 is there and does not serve yet: it does not know the codec.
        one.vertx().eventBus().registerCodec(new OwnCodec());
        DeliveryOptions own = new DeliveryOptions().setCodecName(OwnCodec.NAME).setSendTimeout(600_000);
        assertThatThrownBy(() -> done(one.vertx().eventBus().request(Addresses.controller(2), "a text", own)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ReplyException.class);
        assertThat(two.membership().isActive()).isTrue();
    }

    @Test
    void aNodeThatComesBackElsewhereIsFoundThere() throws Exception {
        Node one = start(1);
        Node two = start(2);
        listen(two, "as it was");
        allKnowAll();
        assertThat(done(ask(one, 2))).isEqualTo("as it was");

        nodes.remove(two);
        done(two.vertx().close());
        allKnowAll();
        // What was written just before the other end closed is lost, as on any bus; the next one is told that nobody is
        // there.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThatThrownBy(() -> done(ask(one, 2, HASTY)))
                .cause()
                .isInstanceOfSatisfying(ReplyException.class, failure -> assertThat(failure.failureType())
                        .isEqualTo(ReplyFailure.NO_HANDLERS)));

        listen(start(2), "anew");
        allKnowAll();
        assertThat(done(ask(one, 2))).isEqualTo("anew");
    }

    /** As that of a part that has not started on the other node. */
    private static final class OwnCodec implements MessageCodec<String, String> {

        private static final String NAME = "own";

        @Override
        public void encodeToWire(Buffer buffer, String text) {
            buffer.appendString(text);
        }

        @Override
        public String decodeFromWire(int position, Buffer buffer) {
            return buffer.getString(position, buffer.length());
        }

        @Override
        public String transform(String text) {
            return text;
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
