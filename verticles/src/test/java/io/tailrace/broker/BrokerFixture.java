// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.config.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A node in this process on a free port, and stock Kafka clients for it. */
public final class BrokerFixture implements AutoCloseable {

    private static final long PATIENCE_S = 60;

    private final Broker broker;

    private BrokerFixture(Broker broker) {
        this.broker = broker;
    }

    /** Starts a node on {@code dir}; {@code settings} are pairs of key and value. */
    public static BrokerFixture start(Path dir, String... settings) {
        Map<String, String> config = new HashMap<>();
        config.put("log.dirs", dir.toString());
        config.put("listeners", "PLAINTEXT://127.0.0.1:0");
        config.put("log.dir.min.free.bytes", "0");
        config.put("http.port", "0");
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        return new BrokerFixture(await(Broker.start(BrokerConfig.of(config))));
    }

    static <T> T await(io.vertx.core.Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public int port() {
        return broker.ports().get("PLAINTEXT");
    }

    /** Of the gateway. */
    public int httpPort() {
        return broker.ports().get(Broker.HTTP);
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    /** Creates a topic; {@code settings} are pairs of key and value. */
    public TopicPartition topic(String name, int partitions, String... settings) {
        Map<String, String> configs = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            configs.put(settings[i], settings[i + 1]);
        }
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configs)))
                    .all()
                    .get(PATIENCE_S, TimeUnit.SECONDS);
            return new TopicPartition(name, 0);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public KafkaProducer<byte[], byte[]> producer(String... settings) {
        return new KafkaProducer<>(config(settings), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer that is assigned the partition, from its beginning. */
    public KafkaConsumer<byte[], byte[]> consumer(TopicPartition partition, String... settings) {
        Map<String, Object> config = config(settings);
        config.putIfAbsent("auto.offset.reset", "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
        return consumer;
    }

    private Map<String, Object> config(String... settings) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", address());
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        return config;
    }

    /** Polls until {@code count} records are there. */
    public static List<ConsumerRecord<byte[], byte[]>> poll(KafkaConsumer<byte[], byte[]> consumer, int count) {
        return pollUntil(consumer, records -> records.size() >= count);
    }

    static List<ConsumerRecord<byte[], byte[]>> pollUntil(
            KafkaConsumer<byte[], byte[]> consumer, Predicate<Collection<ConsumerRecord<byte[], byte[]>>> enough) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!enough.test(records)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("only " + records.size() + " records came");
            }
            consumer.poll(Duration.ofMillis(500)).forEach(records::add);
        }
        return records;
    }

    @Override
    public void close() {
        await(broker.stop());
    }
}
