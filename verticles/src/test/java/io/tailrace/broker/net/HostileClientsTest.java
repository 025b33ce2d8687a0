// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static io.tailrace.broker.net.ListenerFixture.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.api.KafkaApi;
import io.tailrace.protocol.FrameLimits;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that are broken, slow, greedy or evil: each costs itself its connection, and nobody else anything. */
final class HostileClientsTest {

    private static final ConnectionRules HASTY = new ConnectionRules(1000, 1000, Map.of(), 600_000, 100, 100);

    private ListenerFixture broker = ListenerFixture.start(heartbeats());

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void hangsUpOnLengthsThatAreNone() throws IOException {
        for (int length : new int[] {Integer.MAX_VALUE, 100 * 1024 * 1024 + 1, -1, Integer.MIN_VALUE, 0, 7}) {
            RawClient client = broker.connect();
            client.send(ByteBuffer.allocate(4).putInt(length).array());
            assertThat(client.isHungUpOn()).as("length %d", length).isTrue();
        }
        assertThat(broker.budget.usedBytes()).isZero();
    }

    @Test
    void hangsUpOnUnknownApisAndVersions() throws IOException {
        for (short[] keyAndVersion : new short[][] {{-1, 0}, {4, 0}, {501, 0}, {12, 5}, {12, -1}, {11, 5}, {3, 9}}) {
            RawClient client = broker.connect();
            client.send(RawClient.frame(ByteBuffer.allocate(12)
                    .putShort(keyAndVersion[0])
                    .putShort(keyAndVersion[1])
                    .putInt(1)
                    .putShort((short) -1)
                    .array()));
            assertThat(client.isHungUpOn())
                    .as("key %d version %d", keyAndVersion[0], keyAndVersion[1])
                    .isTrue();
        }
    }

    @Test
    void hangsUpOnMillionTaggedFields() throws IOException {
        int tags = 1_000_000;
        ByteBuffer frame = ByteBuffer.allocate(16 + 2 * tags)
                .putShort(ApiKeys.API_VERSIONS.id)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) -1);
        // 1,000,000 as a varint, then so many empty fields
        frame.put((byte) 0xc0).put((byte) 0x84).put((byte) 0x3d);
        RawClient client = broker.connect();
        sendUntilHungUp(client, RawClient.frame(frame.array()));

        assertThat(client.isHungUpOn()).isTrue();
        assertServes();
    }

    /** Kafka's own readers would take minutes for it. */
    @Test
    void hangsUpOnThousandsOfTopicsOfOneName() throws IOException {
        restart(config(), ListenerPorts.plain(RequestBudget.ofThisMachine()), createTopics());
        int count = 8_000;
        ByteBuffer frame = ByteBuffer.allocate(14 + 17 * count + 5)
                .putShort(ApiKeys.CREATE_TOPICS.id)
                .putShort((short) 4)
                .putInt(1)
                .putShort((short) -1)
                .putInt(count);
        for (int i = 0; i < count; i++) {
            frame.putShort((short) 1)
                    .put((byte) 'a')
                    .putInt(1)
                    .putShort((short) 1)
                    .putInt(0)
                    .putInt(0);
        }
        RawClient client = broker.connect();
        sendUntilHungUp(client, RawClient.frame(frame.array()));

        assertThat(client.isHungUpOn()).isTrue();
    }

    @Test
    void hugeLengthCostsNothingAndIsGivenUp() throws Exception {
        restart(config().with(HASTY));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RawClient client = broker.connect();
            client.send(ByteBuffer.allocate(5)
                    .putInt(100 * 1024 * 1024)
                    .put((byte) 0)
                    .array());
            clients.add(client);
        }
        assertThat(broker.budget.usedBytes()).isLessThanOrEqualTo(50L * FrameAssembler.FIRST_BYTES);

        for (RawClient client : clients) {
            assertThat(client.isHungUpOn()).isTrue();
        }
        await().until(() -> broker.budget.usedBytes() == 0);
    }

    @Test
    void servesClientsThatSendByteByByte() throws IOException {
        RawClient client = broker.connect();
        byte[] two = concat(
                RawClient.frame(ApiKeys.HEARTBEAT, 4, 1, heartbeat()),
                RawClient.frame(ApiKeys.HEARTBEAT, 4, 2, heartbeat()));
        for (byte one : two) {
            client.send(one);
        }
        client.receive(ApiKeys.HEARTBEAT, 4, 1, new HeartbeatResponseData());
        client.receive(ApiKeys.HEARTBEAT, 4, 2, new HeartbeatResponseData());
    }

    @Test
    void takesNoMoreConnectionsThanAllowed() throws IOException {
        restart(config().with(new ConnectionRules(3, 1000, Map.of(), 600_000, 30_000, 10_000)));
        RawClient first = broker.connect();
        broker.connect();
        broker.connect();
        assertThat(ask(first)).isTrue();
        await().until(() -> broker.counts.total() == 3);
        assertThat(broker.connect().isHungUpOn()).isTrue();

        first.close();

        await().until(() -> broker.counts.total() == 2);
        assertThat(ask(broker.connect())).isTrue();
    }

    @Test
    void countsConnectionsByAddress() throws IOException {
        restart(config().with(new ConnectionRules(100, 100, Map.of("127.0.0.1", 1), 600_000, 30_000, 10_000)));
        RawClient first = broker.connect();
        assertThat(ask(first)).isTrue();

        assertThat(broker.connect().isHungUpOn()).isTrue();
    }

    @Test
    void asksTheAdmissionHook() throws IOException {
        ListenerPorts plain = ListenerPorts.plain(RequestBudget.ofThisMachine());
        restart(
                config(),
                new ListenerPorts(
                        plain.memory(),
                        plain.counts(),
                        remote -> false,
                        plain.authenticators(),
                        plain.throttle(),
                        plain.metrics()));

        assertThat(broker.connect().isHungUpOn()).isTrue();
        assertThat(broker.counts.total()).isZero();
    }

    @Test
    void closesIdleConnections() throws IOException {
        restart(config().with(new ConnectionRules(100, 100, Map.of(), 100, 30_000, 10_000)));
        RawClient client = broker.connect();
        assertThat(ask(client)).isTrue();

        assertThat(client.isHungUpOn()).isTrue();
    }

    @Test
    void strangersGetSmallFramesFewApisAndLittleTime() throws IOException {
        ListenerPorts plain = ListenerPorts.plain(RequestBudget.ofThisMachine());
        restart(
                config().with(HASTY),
                new ListenerPorts(
                        plain.memory(),
                        plain.counts(),
                        plain.admission(),
                        (remote, session) -> new Nobody(),
                        plain.throttle(),
                        plain.metrics()));
        RawClient large = broker.connect();
        large.send(ByteBuffer.allocate(4).putInt(512 * 1024 + 1).array());
        assertThat(large.isHungUpOn()).isTrue();

        RawClient hurried = broker.connect();
        hurried.send(ApiKeys.HEARTBEAT, 4, 1, heartbeat());
        assertThat(hurried.isHungUpOn()).isTrue();

        RawClient patient = broker.connect();
        patient.send(
                ApiKeys.API_VERSIONS,
                3,
                1,
                new ApiVersionsRequestData().setClientSoftwareName("a").setClientSoftwareVersion("1"));
        patient.receive(ApiKeys.API_VERSIONS, 3, 1, new ApiVersionsResponseData());
        assertThat(patient.isHungUpOn()).isTrue();
    }

    @Test
    void doesNotReadThrottledClients() throws IOException {
        ListenerPorts plain = ListenerPorts.plain(RequestBudget.ofThisMachine());
        restart(
                config(),
                new ListenerPorts(
                        plain.memory(),
                        plain.counts(),
                        plain.admission(),
                        plain.authenticators(),
                        (context, api, response, bytes) -> context.correlationId() == 1 ? 300 : 0,
                        plain.metrics()));
        RawClient client = broker.connect();
        client.send(concat(
                RawClient.frame(ApiKeys.HEARTBEAT, 4, 1, heartbeat()),
                RawClient.frame(ApiKeys.HEARTBEAT, 4, 2, heartbeat())));

        client.receive(ApiKeys.HEARTBEAT, 4, 1, new HeartbeatResponseData());
        assertThat(client.isSilent(100)).isTrue();
        client.receive(ApiKeys.HEARTBEAT, 4, 2, new HeartbeatResponseData());
    }

    @Test
    void servesOthersBesideFloodOfGarbage() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RawClient honest = broker.connect();
        for (int i = 0; i < 150; i++) {
            byte[] garbage = new byte[1 + random.nextInt(3000)];
            random.nextBytes(garbage);
            if (i % 2 == 0 && garbage.length > 12) {
                // A believable length, key and version, so that the garbage gets as far as a body.
                ByteBuffer.wrap(garbage)
                        .putInt(garbage.length - 4)
                        .putShort(ApiKeys.HEARTBEAT.id)
                        .putShort((short) random.nextInt(5));
            }
            try (RawClient evil = new RawClient(broker.port())) {
                sendUntilHungUp(evil, garbage);
            }
            honest.send(ApiKeys.HEARTBEAT, 4, i, heartbeat());
            honest.receive(ApiKeys.HEARTBEAT, 4, i, new HeartbeatResponseData());
        }
        await().untilAsserted(() ->
                assertThat(broker.budget.usedBytes()).as("seed %d", seed).isZero());
    }

    /** Never gets to know anybody. */
    private static final class Nobody implements ConnectionAuthenticator {

        @Override
        public boolean authenticated() {
            return false;
        }

        @Override
        public KafkaPrincipal principal() {
            return KafkaPrincipal.ANONYMOUS;
        }

        @Override
        public Future<? extends ApiMessage> handle(io.tailrace.broker.api.RequestContext context, ApiMessage request) {
            return Future.failedFuture(new IllegalStateException("no mechanism"));
        }
    }

    private static KafkaApi<?> heartbeats() {
        return api(ApiKeys.HEARTBEAT, (context, request) -> Future.succeededFuture(new HeartbeatResponseData()));
    }

    private static ListenerConfig config() {
        ListenerConfig config = ListenerFixture.config();
        return config.with(
                new RequestRules(FrameLimits.beforeAuthentication(), FrameLimits.afterAuthentication(), 64, 1 << 20));
    }

    private void restart(ListenerConfig config) {
        restart(config, ListenerPorts.plain(RequestBudget.ofThisMachine()));
    }

    private void restart(ListenerConfig config, ListenerPorts ports) {
        restart(config, ports, heartbeats());
    }

    private void restart(ListenerConfig config, ListenerPorts ports, KafkaApi<?> api) {
        broker.close();
        broker = ListenerFixture.start(config, ports, api);
    }

    private static KafkaApi<?> createTopics() {
        return api(ApiKeys.CREATE_TOPICS, (context, request) -> Future.succeededFuture(new CreateTopicsResponseData()));
    }

    private static HeartbeatRequestData heartbeat() {
        return new HeartbeatRequestData().setGroupId("g").setMemberId("m");
    }

    private static boolean ask(RawClient client) throws IOException {
        client.send(ApiKeys.HEARTBEAT, 4, 1, heartbeat());
        client.receive(ApiKeys.HEARTBEAT, 4, 1, new HeartbeatResponseData());
        return true;
    }

    private void assertServes() throws IOException {
        assertThat(ask(broker.connect())).isTrue();
    }

    private static void sendUntilHungUp(RawClient client, byte[] bytes) throws IOException {
        try {
            client.send(bytes);
        } catch (SocketException e) {
            // hung up on while still sending: what is to be shown
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
