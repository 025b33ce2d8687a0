// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static io.tailrace.broker.net.ListenerFixture.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large requests and large responses: what arrives is what was sent, in bounded memory, and everything is given back. */
final class BulkTest {

    private static final int FETCH = 12;
    private static final int PRODUCE = 9;

    /** What a produce handler saw of its records. */
    private record Seen(boolean direct, int size, long crc) {}

    @TempDir
    Path directory;

    private final BlockingQueue<Seen> produced = new LinkedBlockingQueue<>();
    private final List<Piece> pieces = new ArrayList<>();
    private final AtomicInteger fetches = new AtomicInteger();
    private ListenerFixture broker = start(RequestBudget.ofThisMachine());

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void readsLargeFramesIntoOneDirectBuffer() throws Exception {
        Random random = new Random(7);
        RawClient client = broker.connect();
        int[] sizes = {1, 1000, 60_000, 65_536, 70_000, 1 << 20, (2 << 20) + 17, 9_000_000};
        for (int i = 0; i < sizes.length; i++) {
            byte[] records = new byte[sizes[i]];
            random.nextBytes(records);
            client.send(ApiKeys.PRODUCE, PRODUCE, i, produce(records));
            Seen seen = produced.poll(10, TimeUnit.SECONDS);
            client.receive(ApiKeys.PRODUCE, PRODUCE, i, new ProduceResponseData());

            assertThat(seen).isEqualTo(new Seen(true, sizes[i], crc(ByteBuffer.wrap(records))));
        }
        await().until(() -> broker.budget.usedBytes() == 0);
    }

    @Test
    void pipelinesFramesOfAllSizes() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RawClient client = broker.connect();
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] records = new byte[random.nextInt(random.nextBoolean() ? 300 : 300_000)];
            random.nextBytes(records);
            sent.add(records);
        }
        Thread sender = new Thread(() -> {
            try {
                for (int i = 0; i < sent.size(); i++) {
                    client.send(ApiKeys.PRODUCE, PRODUCE, i, produce(sent.get(i)));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        sender.start();
        for (int i = 0; i < sent.size(); i++) {
            client.receive(ApiKeys.PRODUCE, PRODUCE, i, new ProduceResponseData());
            assertThat(produced.poll(10, TimeUnit.SECONDS).crc())
                    .as("frame %d, seed %d", i, seed)
                    .isEqualTo(crc(ByteBuffer.wrap(sent.get(i))));
        }
        sender.join();
        await().until(() -> broker.budget.usedBytes() == 0);
    }

    @Test
    void finishesAllFramesThoughTheBudgetHoldsNotOne() throws Exception {
        broker.close();
        broker = start(new RequestBudget(200_000));
        byte[] records = new byte[3_000_000];
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawClient client = broker.connect();
            Thread sender = new Thread(() -> {
                try {
                    client.send(ApiKeys.PRODUCE, PRODUCE, 1, produce(records));
                    client.receive(ApiKeys.PRODUCE, PRODUCE, 1, new ProduceResponseData());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            senders.add(sender);
            sender.start();
        }
        for (Thread sender : senders) {
            sender.join(15_000);
            assertThat(sender.isAlive()).isFalse();
        }
        assertThat(produced).hasSize(8);
        await().until(() -> broker.budget.usedBytes() == 0);
    }

    @Test
    void weavesMemoryAndFilesIntoResponses() throws Exception {
        byte[] content = fileContent();
        pieces.add(new Piece(content, 0, 10));
        pieces.add(new Piece(content, 70_000, 0));
        pieces.add(new Piece(content, 10, 1_000_000));
        RawClient client = broker.connect();
        for (int i = 0; i < 3; i++) {
            client.send(ApiKeys.FETCH, FETCH, i, new FetchRequestData());
        }
        for (int i = 0; i < 3; i++) {
            FetchResponseData response = client.receive(ApiKeys.FETCH, FETCH, i, new FetchResponseData());

            List<PartitionData> partitions = response.responses().get(0).partitions();
            assertThat(partitions).hasSize(3);
            for (int p = 0; p < 3; p++) {
                ByteBuffer received = ((MemoryRecords) partitions.get(p).records()).buffer();
                assertThat(received).isEqualTo(pieces.get(p).expected());
            }
        }
        await().untilAsserted(() -> assertThat(pieces).allMatch(piece -> piece.released.get() == 3));
    }

    @Test
    void stopsAnsweringClientsThatDoNotRead() throws Exception {
        pieces.add(new Piece(fileContent(), 0, 1_500_000));
        RawClient client = broker.connect();
        int requests = 60;
        for (int i = 0; i < requests; i++) {
            client.send(ApiKeys.FETCH, FETCH, i, new FetchRequestData());
        }
        RawClient other = broker.connect();
        other.send(ApiKeys.PRODUCE, PRODUCE, 1, produce(new byte[1]));
        other.receive(ApiKeys.PRODUCE, PRODUCE, 1, new ProduceResponseData());
        // Sockets of both ends take some; the rest must not even have been asked of the handler.
        int asked = fetches.get();
        assertThat(asked).isLessThan(20);
        for (int i = 0; i < requests; i++) {
            client.receive(ApiKeys.FETCH, FETCH, i, new FetchResponseData());
        }
        assertThat(fetches.get()).isEqualTo(requests);
    }

    @Test
    void releasesRecordsOfConnectionsThatDie() throws Exception {
        pieces.add(new Piece(fileContent(), 0, 1_500_000));
        RawClient client = broker.connect();
        for (int i = 0; i < 20; i++) {
            client.send(ApiKeys.FETCH, FETCH, i, new FetchRequestData());
        }
        await().until(() -> fetches.get() > 1);

        client.reset();

        await().untilAsserted(() -> assertThat(broker.counts.total()).isZero());
        await().untilAsserted(() -> assertThat(pieces.get(0).released.get()).isEqualTo(fetches.get()));
    }

    private ListenerFixture start(RequestBudget budget) {
        return ListenerFixture.start(
                ListenerFixture.config(),
                ListenerPorts.plain(budget),
                api(ApiKeys.PRODUCE, (context, request) -> {
                    ProduceRequestData data = (ProduceRequestData) request;
                    ByteBuffer records = ((MemoryRecords) data.topicData()
                                    .iterator()
                                    .next()
                                    .partitionData()
                                    .get(0)
                                    .records())
                            .buffer();
                    Seen seen = new Seen(records.isDirect(), records.remaining(), crc(records));
                    // Answered later, from another thread, as the log does.
                    return context.context().owner().executeBlocking(() -> {
                        produced.add(new Seen(seen.direct(), seen.size(), crc(records)));
                        return new ProduceResponseData();
                    });
                }),
                api(ApiKeys.FETCH, (context, request) -> {
                    fetches.incrementAndGet();
                    FetchableTopicResponse topic = new FetchableTopicResponse().setTopic("t");
                    for (int p = 0; p < pieces.size(); p++) {
                        topic.partitions()
                                .add(new PartitionData().setPartitionIndex(p).setRecords(pieces.get(p)));
                    }
                    return Future.succeededFuture(new FetchResponseData().setResponses(List.of(topic)));
                }));
    }

    private byte[] fileContent() {
        byte[] content = new byte[2_000_000];
        new Random(3).nextBytes(content);
        return content;
    }

    private static ProduceRequestData produce(byte[] records) {
        ProduceRequestData request = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000);
        request.topicData()
                .add(new TopicProduceData()
                        .setName("t")
                        .setPartitionData(List.of(new PartitionProduceData()
                                .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(records))))));
        return request;
    }

    private static long crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return crc.getValue();
    }

    /** Records of which a quarter lies in memory and the rest in a file. */
    private final class Piece implements SlicedRecords {

        final AtomicInteger released = new AtomicInteger();
        private final FileChannel file;
        private final byte[] content;
        private final int from;
        private final int count;

        Piece(byte[] content, int from, int count) throws IOException {
            Path path = directory.resolve("piece-" + from + "-" + count);
            Files.write(path, content);
            this.file = FileChannel.open(path, StandardOpenOption.READ);
            this.content = content;
            this.from = from;
            this.count = count;
        }

        ByteBuffer expected() {
            return ByteBuffer.wrap(content, from, count);
        }

        @Override
        public int sizeInBytes() {
            return count;
        }

        @Override
        public void writeTo(SliceSink sink) {
            int inMemory = count / 4;
            ByteBuffer direct = ByteBuffer.allocateDirect(inMemory);
            direct.put(content, from, inMemory).flip();
            sink.bytes(direct);
            sink.file(file, from + inMemory, count - inMemory);
        }

        @Override
        public void release() {
            assertThat(file.isOpen()).isTrue();
            released.incrementAndGet();
        }
    }
}
