// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.Broker;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;

/**
 * {@code tailrace warm-up}: starts a node on empty storage in the way of {@link StartCommand}, lets clients create, produce and fetch, and stops
 * it. The launcher runs it once under the JVM's recorder, so that the classes of all that, loaded and linked, are in the archive that later starts
 * load. Hence producers with and without acknowledgement of all, and topics that are synced and that are not: some requests of each kind.
 */
@Command(
        name = "warm-up",
        hidden = true,
        description = "Serve for a moment, so that the JVM can record what a start needs.")
public final class WarmUpCommand implements Callable<Integer> {

    private static final int PARTITIONS = 12;
    private static final int RECORDS = 2_000;
    private static final int RECORD_BYTES = 1_000;

    /** A few records a batch: requests are what counts. */
    private static final int BATCH_BYTES = 8 << 10;

    @Override
    public Integer call() throws Exception {
        Path data = Files.createTempDirectory("tailrace-warm-up");
        try {
            Path file = Files.writeString(data.resolve("node.properties"), "http.port=0\n");
            Map<String, String> overrides = Map.of(
                    "listeners",
                    "PLAINTEXT://localhost:0",
                    "log.dirs",
                    data.resolve("data").toString());
            // The environment says what the node is going to be, maybe one of a cluster: not this one.
            Broker broker = StartCommand.serve(new ConfigOptions(file, overrides).load(Map.of()));
            ask(port(broker, Broker.HTTP), "/readyz");
            serve("localhost:" + port(broker, "PLAINTEXT"));
            broker.stop().toCompletionStage().toCompletableFuture().get();
        } finally {
            delete(data);
        }
        return 0;
    }

    private static int port(Broker broker, String listener) {
        return Objects.requireNonNull(broker.ports().get(listener), listener);
    }

    private static void ask(int port, String path) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }

    private static void serve(String bootstrap) throws Exception {
        Map<String, String> neverSynced = Map.of("flush.messages", Long.toString(Long.MAX_VALUE));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(
                            new NewTopic("synced", PARTITIONS, (short) 1),
                            new NewTopic("unsynced", PARTITIONS, (short) 1).configs(neverSynced)))
                    .all()
                    .get();
        }
        for (String topic : List.of("unsynced", "synced")) {
            for (String acks : List.of("1", "all")) {
                produce(bootstrap, topic, acks);
            }
            consume(bootstrap, topic);
        }
    }

    private static void produce(String bootstrap, String topic, String acks) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "batch.size", BATCH_BYTES));
        settings.put("acks", acks);
        settings.put("enable.idempotence", acks.equals("all"));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                var unused = producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, new byte[RECORD_BYTES]));
            }
        }
    }

    private static void consume(String bootstrap, String topic) {
        List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "fetch.max.bytes", BATCH_BYTES),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            int seen = 0;
            while (seen < 2 * RECORDS) {
                seen += consumer.poll(Duration.ofSeconds(1)).count();
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
