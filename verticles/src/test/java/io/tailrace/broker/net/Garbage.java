// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** What comes in from an open port: the kinds of it, each sent over a connection of its own. */
enum Garbage {
    RANDOM_BYTES {
        @Override
        void send(RawClient client, Random random) throws IOException {
            client.send(random(random, 1 + random.nextInt(100_000)));
        }
    },
    RANDOM_BODIES {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] body = random(random, 10 + random.nextInt(3_000));
            ApiKeys api = ApiKeys.values()[random.nextInt(ApiKeys.values().length)];
            ByteBuffer.wrap(body).putShort(api.id).putShort((short) random.nextInt(19));
            client.send(RawClient.frame(body));
        }
    },
    HUGE_LENGTHS {
        @Override
        void send(RawClient client, Random random) throws IOException {
            int[] lengths = {100 * 1024 * 1024, 100 * 1024 * 1024 + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0};
            client.send(ByteBuffer.allocate(64)
                    .putInt(lengths[random.nextInt(lengths.length)])
                    .array());
        }
    },
    TRUNCATED_FRAMES {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] whole = produce("honest", batch(new byte[20_000], 0, 1));
            byte[] part = new byte[4 + random.nextInt(whole.length - 4)];
            System.arraycopy(whole, 0, part, 0, part.length);
            client.send(part);
        }
    },
    UNKNOWN_APIS {
        @Override
        void send(RawClient client, Random random) throws IOException {
            client.send(RawClient.frame(ByteBuffer.allocate(12)
                    .putShort((short) (random.nextBoolean() ? random.nextInt(1 << 16) : random.nextInt(100)))
                    .putShort((short) random.nextInt(1 << 16))
                    .putInt(1)
                    .putShort((short) -1)
                    .array()));
        }
    },
    ARRAYS_OF_A_MILLION {
        @Override
        void send(RawClient client, Random random) throws IOException {
            int promised = random.nextBoolean() ? Integer.MAX_VALUE : 900_000;
            // Metadata version 1: an array of names, here all empty, at two bytes each.
            int delivered = random.nextInt(900_001);
            ByteBuffer frame = ByteBuffer.allocate(14 + 2 * delivered)
                    .putShort(ApiKeys.METADATA.id)
                    .putShort((short) 1)
                    .putInt(1)
                    .putShort((short) -1)
                    .putInt(promised);
            client.send(RawClient.frame(frame.array()));
        }
    },
    DECOMPRESSION_BOMBS {
        @Override
        void send(RawClient client, Random random) throws IOException {
            client.send(produce(random.nextBoolean() ? "compacted" : "honest", BOMB));
        }
    },
    PATHS_FOR_NAMES {
        @Override
        void send(RawClient client, Random random) throws IOException {
            String name = List.of(
                            "../escaped", "..", ".", "/tmp/escaped", "a/../../escaped", "a\0b", "x".repeat(30_000))
                    .get(random.nextInt(7));
            client.send(RawClient.frame(
                    ApiKeys.CREATE_TOPICS,
                    5,
                    1,
                    new CreateTopicsRequestData()
                            .setTopics(new CreateTopicsRequestData.CreatableTopicCollection(List.of(new CreatableTopic()
                                            .setName(name)
                                            .setNumPartitions(1)
                                            .setReplicationFactor((short) 1))
                                    .iterator()))));
            client.send(RawClient.frame(
                    ApiKeys.METADATA,
                    9,
                    2,
                    new MetadataRequestData()
                            .setAllowAutoTopicCreation(true)
                            .setTopics(List.of(new MetadataRequestTopic().setName(name)))));
            client.send(produce(name, batch(new byte[100], 0, 1)));
        }
    },
    BROKEN_BATCHES {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] batch = batch(random(random, 1 + random.nextInt(5_000)), random.nextInt(8), random.nextInt(1 << 20));
            if (random.nextBoolean()) {
                batch[random.nextInt(batch.length)] ^= (byte) (1 << random.nextInt(8));
            }
            client.send(produce("honest", batch));
        }
    },
    QUESTIONS_WITHOUT_LISTENING {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] question = RawClient.frame(ApiKeys.METADATA, 9, 1, new MetadataRequestData().setTopics(null));
            // Fewer bytes than socket buffers hold, so that the attacker does not wait for the victim.
            for (int i = 0; i < 500; i++) {
                client.send(question);
            }
        }
    },
    NAMES_BY_THE_HUNDRED_THOUSAND {
        @Override
        void send(RawClient client, Random random) throws IOException {
            // Metadata version 4, no creation: names of ten letters, all different or all of a topic that exists.
            boolean different = random.nextBoolean();
            int count = 50_000 + random.nextInt(100_000);
            ByteBuffer frame = ByteBuffer.allocate(14 + 12 * count + 1)
                    .putShort(ApiKeys.METADATA.id)
                    .putShort((short) 4)
                    .putInt(1)
                    .putShort((short) -1)
                    .putInt(count);
            for (int i = 0; i < count; i++) {
                String name = different ? "n" + (100_000_000 + random.nextInt(100_000_000)) : "many-parts";
                frame.putShort((short) 10).put(name.getBytes(StandardCharsets.US_ASCII));
            }
            client.send(RawClient.frame(frame.put((byte) 0).array()));
        }
    },
    CONFIGS_OF_EVERYTHING {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] kinds = {2, 4, 8, 16, 32};
            byte kind = kinds[random.nextInt(kinds.length)];
            DescribeConfigsRequestData request =
                    new DescribeConfigsRequestData().setIncludeSynonyms(true).setIncludeDocumentation(true);
            String same = kind == 2 ? "honest" : kind == 32 ? "g" : "1";
            for (int i = 0; i < 20_000; i++) {
                request.resources()
                        .add(new DescribeConfigsResource()
                                .setResourceType(kind)
                                .setResourceName(random.nextInt(4) == 0 ? "g" + i : same)
                                .setConfigurationKeys(null));
            }
            client.send(RawClient.frame(ApiKeys.DESCRIBE_CONFIGS, 4, 1, request));
        }
    },
    SESSIONS_OF_MANY_PARTITIONS {
        @Override
        void send(RawClient client, Random random) throws IOException {
            List<FetchPartition> partitions = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                partitions.add(
                        new FetchPartition().setPartition(i).setFetchOffset(0).setPartitionMaxBytes(1));
            }
            client.send(RawClient.frame(
                    ApiKeys.FETCH,
                    12,
                    1,
                    new FetchRequestData()
                            .setMaxWaitMs(500)
                            .setMinBytes(1)
                            .setMaxBytes(1)
                            .setSessionId(0)
                            .setSessionEpoch(0)
                            .setTopics(List.of(new FetchTopic()
                                    .setTopic(random.nextBoolean() ? "nowhere" : "honest")
                                    .setPartitions(partitions)))));
        }
    },
    READERS_THAT_WAIT_FOR_EVER {
        @Override
        void send(RawClient client, Random random) throws IOException {
            byte[] fetch = RawClient.frame(
                    ApiKeys.FETCH,
                    12,
                    1,
                    new FetchRequestData()
                            .setMaxWaitMs(Integer.MAX_VALUE)
                            .setMinBytes(Integer.MAX_VALUE)
                            .setMaxBytes(Integer.MAX_VALUE)
                            .setSessionEpoch(-1)
                            .setTopics(List.of(new FetchTopic()
                                    .setTopic("quiet")
                                    .setPartitions(List.of(new FetchPartition()
                                            .setPartition(0)
                                            .setFetchOffset(0)
                                            .setPartitionMaxBytes(1))))));
            for (int i = 0; i < 200; i++) {
                client.send(fetch);
            }
        }
    },
    SILENCE {
        @Override
        void send(RawClient client, Random random) throws IOException {
            if (random.nextBoolean()) {
                client.send(new byte[] {0, 0});
            }
        }
    };

    private static final int BOMB_BYTES = 256 * 1024 * 1024;

    private static final byte[] BOMB = batch(bomb(), 1, 1);

    /** Sends; the victim may hang up at any time, which is then told as an exception. */
    abstract void send(RawClient client, Random random) throws IOException;

    private static byte[] random(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A produce request for a topic's first partition that wants no answer. */
    private static byte[] produce(String topic, byte[] batch) {
        ProduceRequestData.TopicProduceDataCollection topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new TopicProduceData()
                .setName(topic)
                .setPartitionData(List.of(new PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(batch))))));
        return RawClient.frame(
                ApiKeys.PRODUCE,
                9,
                1,
                new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000).setTopicData(topics));
    }

    /** One record of zeros, as large as the memory of the victim, in a few hundred kilobytes. */
    private static byte[] bomb() {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(compressed)) {
            ByteBuffer head = ByteBuffer.allocate(16);
            putVarint(head, BOMB_BYTES);
            out.write(head.array(), 0, head.position());
            byte[] zeros = new byte[1 << 20];
            for (int written = 0; written < BOMB_BYTES; written += zeros.length) {
                out.write(zeros);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /** A batch whose header is right, whatever its records are. */
    private static byte[] batch(byte[] records, int attributes, int count) {
        ByteBuffer batch = ByteBuffer.allocate(61 + records.length);
        batch.putLong(0).putInt(49 + records.length).putInt(-1).put((byte) 2).putInt(0);
        batch.putShort((short) attributes).putInt(count - 1).putLong(1_000).putLong(1_000);
        batch.putLong(-1).putShort((short) -1).putInt(-1).putInt(count).put(records);
        CRC32C crc = new CRC32C();
        crc.update(batch.array(), 21, batch.capacity() - 21);
        return batch.putInt(17, (int) crc.getValue()).array();
    }

    private static void putVarint(ByteBuffer buffer, int value) {
        int zigzag = (value << 1) ^ (value >> 31);
        while ((zigzag & ~0x7f) != 0) {
            buffer.put((byte) (zigzag & 0x7f | 0x80));
            zigzag >>>= 7;
        }
        buffer.put((byte) zigzag);
    }
}
