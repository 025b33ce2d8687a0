// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.NodeProcess;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is told to stop, by SIGTERM, while clients work. */
final class DrainIT {

    private static final int PIPELINED = 5;

    @TempDir
    Path dir;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private NodeProcess node;

    @BeforeEach
    void start() throws Exception {
        node = startNode();
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic("t", 3, (short) 1))).all().get(60, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        node.close();
    }

    /** Clients that pipeline until they are sent away, as real ones do, get an answer to each request, and find what was acknowledged. */
    @Test
    void answersEveryRequestAndKeepsEveryAcknowledgedRecord() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        List<Future<Integer>> producers = new ArrayList<>();
        for (int partition = 0; partition < 3; partition++) {
            int own = partition;
            producers.add(threads.submit(() -> produceUntilSentAway(own, answered)));
        }
        while (answered.get() < 300) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        node.terminate();

        List<Integer> acknowledged = new ArrayList<>();
        for (Future<Integer> producer : producers) {
            acknowledged.add(producer.get(60, TimeUnit.SECONDS));
        }
        assertThat(node.awaitExit()).isEqualTo(128 + 15);
        assertThat(node.output()).doesNotContain("connections cut");
        node = startNode();
        for (int partition = 0; partition < 3; partition++) {
            assertThat(end(partition)).isEqualTo((long) acknowledged.get(partition));
        }
    }

    @Test
    void answersALongPollAtOnce() throws Exception {
        try (RawClient reader = new RawClient(node.port())) {
            reader.send(
                    ApiKeys.FETCH,
                    12,
                    1,
                    new FetchRequestData()
                            .setMaxWaitMs(Integer.MAX_VALUE)
                            .setMinBytes(1)
                            .setMaxBytes(1 << 20)
                            .setSessionEpoch(-1)
                            .setTopics(List.of(new FetchTopic()
                                    .setTopic("t")
                                    .setPartitions(List.of(new FetchPartition()
                                            .setPartition(0)
                                            .setFetchOffset(0)
                                            .setPartitionMaxBytes(1 << 20))))));
            assertThat(reader.isSilent(500)).isTrue();
            node.terminate();

            FetchResponseData answer = reader.receive(ApiKeys.FETCH, 12, 1, new FetchResponseData());
            assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(reader.isHungUpOn()).isTrue();
        }
        assertThat(node.awaitExit()).isEqualTo(128 + 15);
    }

    /** How many records were acknowledged; fails if a request was left without an answer. */
    private int produceUntilSentAway(int partition, AtomicInteger answered) throws IOException {
        int acknowledged = 0;
        int sent = 0;
        int received = 0;
        boolean sentAway = false;
        try (RawClient client = new RawClient(node.port())) {
            while (!sentAway || received < sent) {
                while (!sentAway && sent - received < PIPELINED) {
                    client.send(produce(partition, sent++));
                }
                ProduceResponseData answer = client.receive(ApiKeys.PRODUCE, 9, received, new ProduceResponseData());
                received++;
                answered.incrementAndGet();
                Errors error = Errors.forCode(answer.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode());
                assertThat(error).isIn(Errors.NONE, Errors.REQUEST_TIMED_OUT);
                acknowledged += error == Errors.NONE ? 1 : 0;
                sentAway |= error != Errors.NONE;
            }
        } catch (EOFException | SocketException cut) {
            throw new AssertionError(sent - received + " requests were left without an answer", cut);
        }
        return acknowledged;
    }

    private static byte[] produce(int partition, int correlationId) {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new TopicProduceData()
                .setName("t")
                .setPartitionData(List.of(new PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(MemoryRecords.withRecords(
                                Compression.NONE, new SimpleRecord(ByteBuffer.allocate(100)))))));
        return RawClient.frame(
                ApiKeys.PRODUCE,
                9,
                correlationId,
                new ProduceRequestData()
                        .setAcks((short) -1)
                        .setTimeoutMs(30_000)
                        .setTopicData(topics));
    }

    private long end(int partition) throws Exception {
        TopicPartition asked = new TopicPartition("t", partition);
        try (Admin admin = admin()) {
            return admin.listOffsets(Map.of(asked, OffsetSpec.latest()))
                    .partitionResult(asked)
                    .get(60, TimeUnit.SECONDS)
                    .offset();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", node.address()));
    }

    private NodeProcess startNode() throws Exception {
        return NodeProcess.start(
                dir.resolve("node"), List.of("-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    }
}
