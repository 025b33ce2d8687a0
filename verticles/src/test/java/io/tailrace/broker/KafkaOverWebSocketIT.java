// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.broker.net.RawClient;
import io.tailrace.broker.net.WebSocketWire;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's protocol over the gateway's port, with the JDK's WebSocket and the messages of kafka-clients. */
@Timeout(120)
final class KafkaOverWebSocketIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long PATIENCE_S = 60;

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    private final Random random = new Random(1);
    private int correlationId;

    @BeforeAll
    static void start() {
        node = BrokerFixture.start(dir, "max.connections.per.ip", "8");
        node.topic("carried", 1);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void producesAndFetchesWhateverMessagesTheBytesComeIn() throws Exception {
        byte[] large = new byte[700_000];
        new Random(1).nextBytes(large);
        try (WebSocketWire wire = open(node)) {
            MetadataResponseData told = ask(
                    wire,
                    ApiKeys.METADATA,
                    12,
                    new MetadataRequestData()
                            .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName("carried"))),
                    new MetadataResponseData());
            // A client that came by WebSocket is told where it can come by WebSocket.
            assertThat(told.brokers()).singleElement().satisfies(broker -> assertThat(broker.port())
                    .isEqualTo(node.httpPort()));

            ProduceResponseData written = ask(wire, ApiKeys.PRODUCE, 9, produce(large), new ProduceResponseData());
            assertThat(written.responses().iterator().next().partitionResponses())
                    .singleElement()
                    .satisfies(it -> {
                        assertThat(it.errorCode()).isZero();
                        assertThat(it.baseOffset()).isZero();
                    });

            FetchResponseData read = ask(wire, ApiKeys.FETCH, 12, fetch(), new FetchResponseData());
            MemoryRecords records =
                    (MemoryRecords) read.responses().get(0).partitions().get(0).records();
            assertThat(records.records()).hasSize(2).first().satisfies((Record record) -> assertThat(record.value())
                    .isEqualTo(ByteBuffer.wrap(large)));
        }
    }

    @Test
    void answersSeveralRequestsInOneMessageInTheirOrder() throws Exception {
        try (WebSocketWire wire = open(node)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < 50; i++) {
                all.write(RawClient.frame(ApiKeys.API_VERSIONS, 3, i, versions()));
            }
            wire.send(all.toByteArray());
            for (int i = 0; i < 50; i++) {
                assertThat(wire.receive().getInt()).isEqualTo(i);
            }
        }
    }

    @Test
    void answersPings() throws Exception {
        try (WebSocketWire wire = open(node)) {
            wire.socket().sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).join();
            assertThat(wire.pong().get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
    }

    @Test
    void sendsAwayThoseWhoSpeakText() throws Exception {
        try (WebSocketWire wire = open(node)) {
            wire.socket().sendText("{}", true).join();
            assertThat(wire.closed().get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1003);
        }
    }

    @Test
    void saysGoodbyeToThoseWhoDo() throws Exception {
        try (WebSocketWire wire = open(node)) {
            wire.socket().sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(wire.closed().get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1000);
        }
    }

    @Test
    void refusesPagesOfOtherOriginsAndOtherProtocols() {
        assertThat(refusal("/kafka", "kafka", "https://elsewhere.example")).isEqualTo(403);
        assertThat(refusal("/kafka", "tailrace.v1.json", null)).isEqualTo(400);
        assertThat(refusal("/v1/socket", "kafka", null)).isEqualTo(400);
        assertThat(refusal("/elsewhere", "kafka", null)).isEqualTo(404);
    }

    @Test
    void countsAmongTheConnectionsOfAnAddress() throws Exception {
        List<WebSocketWire> open = new java.util.ArrayList<>();
        List<RawClient> plain = new java.util.ArrayList<>();
        try (BrokerFixture few = BrokerFixture.start(dir.resolve("few"), "max.connections.per.ip", "4")) {
            for (int i = 0; i < 2; i++) {
                plain.add(new RawClient(few.port()));
                plain.get(i).send(ApiKeys.API_VERSIONS, 3, 1, versions());
                plain.get(i).receive();
                open.add(open(few));
                ask(open.get(i), ApiKeys.API_VERSIONS, 3, versions(), new ApiVersionsResponseData());
            }
            try (WebSocketWire oneTooMany = open(few)) {
                oneTooMany.closed().get(PATIENCE_S, TimeUnit.SECONDS);
            }
            open.get(0).close();
            // The place is free when the node has seen the end of the other.
            org.awaitility.Awaitility.await()
                    .ignoreExceptions()
                    .atMost(60, TimeUnit.SECONDS)
                    .untilAsserted(() -> {
                        try (WebSocketWire next = open(few)) {
                            ask(next, ApiKeys.API_VERSIONS, 3, versions(), new ApiVersionsResponseData());
                        }
                    });
        } finally {
            open.forEach(WebSocketWire::close);
            plain.forEach(RawClient::close);
        }
    }

    @Test
    void answersWhatIsInHandBeforeItStops() throws Exception {
        try (BrokerFixture other = BrokerFixture.start(dir.resolve("stops"));
                WebSocketWire wire = open(other)) {
            other.topic("carried", 1);
            byte[] waits = RawClient.frame(ApiKeys.FETCH, 12, 7, fetch().setMaxWaitMs(50_000));
            wire.send(waits);
            // The answer to this one comes behind the other's.
            byte[] behind = RawClient.frame(ApiKeys.API_VERSIONS, 3, 8, versions());
            wire.send(behind);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(other::close);
            assertThat(wire.receive().getInt()).isEqualTo(7);
            assertThat(wire.receive().getInt()).isEqualTo(8);
            assertThat(wire.closed().get(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo(1001);
            stopped.get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    private static int refusal(String path, String subProtocol, String origin) {
        WebSocket.Builder builder = HTTP.newWebSocketBuilder().subprotocols(subProtocol);
        if (origin != null) {
            builder.header("origin", origin);
        }
        CompletableFuture<WebSocket> opening =
                builder.buildAsync(URI.create("ws://localhost:" + node.httpPort() + path), new WebSocket.Listener() {});
        Throwable[] refused = new Throwable[1];
        assertThatThrownBy(opening::join)
                .isInstanceOfSatisfying(CompletionException.class, e -> refused[0] = e.getCause());
        return ((WebSocketHandshakeException) refused[0]).getResponse().statusCode();
    }

    private static ApiVersionsRequestData versions() {
        return new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1");
    }

    private static ProduceRequestData produce(byte[] value) {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord("k".getBytes(), value), new SimpleRecord("last".getBytes()));
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData()
                .setName("carried")
                .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(records))));
        return new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000).setTopicData(topics);
    }

    private static FetchRequestData fetch() {
        return new FetchRequestData()
                .setReplicaId(-1)
                .setMaxWaitMs(10_000)
                .setMinBytes(1)
                .setMaxBytes(10_000_000)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopic("carried")
                        .setTopicId(Uuid.ZERO_UUID)
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(0)
                                .setFetchOffset(0)
                                .setPartitionMaxBytes(10_000_000)))));
    }

    private static WebSocketWire open(BrokerFixture at) {
        return WebSocketWire.open("localhost:" + at.httpPort());
    }

    /** Asks in messages and fragments of any length. */
    private <T extends ApiMessage> T ask(WebSocketWire wire, ApiKeys api, int version, ApiMessage request, T into)
            throws InterruptedException {
        byte[] frame = RawClient.frame(api, version, ++correlationId, request);
        int most = 1 + random.nextInt(frame.length > 10_000 ? 60_000 : 20);
        for (int from = 0; from < frame.length; ) {
            int to = Math.min(frame.length, from + most);
            wire.send(frame, from, to, to == frame.length || random.nextBoolean());
            from = to;
        }
        ByteBuffer answer = wire.receive();
        assertThat(answer.getInt()).isEqualTo(correlationId);
        if (api.responseHeaderVersion((short) version) >= 1) {
            answer.get();
        }
        into.read(new ByteBufferAccessor(answer), (short) version);
        assertThat(answer.hasRemaining()).isFalse();
        return into;
    }
}
