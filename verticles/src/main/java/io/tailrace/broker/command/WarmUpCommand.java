// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
 * {@code tailrace warm-up}: starts a node on empty storage, lets clients create, produce and fetch, and stops it. The launcher runs it once
 * under the JVM's recorder, so that the classes and profiles of all that are in the archive that later starts load.
 */
@Command(
        name = "warm-up",
        hidden = true,
        description = "Serve for a moment, so that the JVM can record what a start needs.")
public final class WarmUpCommand implements Callable<Integer> {

    private static final int RECORDS = 2_000;

    @Override
    public Integer call() throws Exception {
        Path data = Files.createTempDirectory("tailrace-warm-up");
        try {
            BrokerConfig config = BrokerConfig.of(
                    Map.of("listeners", "PLAINTEXT://localhost:0", "http.port", "0", "log.dirs", data.toString()));
            Broker broker = Broker.start(config)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            serve("localhost:" + broker.ports().get("PLAINTEXT"));
            broker.stop().toCompletionStage().toCompletableFuture().get();
        } finally {
            delete(data);
        }
        return 0;
    }

    private static void serve(String bootstrap) throws Exception {
        TopicPartition partition = new TopicPartition("warm-up", 0);
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
        try (Admin admin = Admin.create(settings)) {
            admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1)))
                    .all()
                    .get();
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 1; i < RECORDS; i++) {
                var unused = producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[100]));
            }
            producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[100]))
                    .get();
        }
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            int seen = 0;
            while (seen < RECORDS) {
                seen += consumer.poll(java.time.Duration.ofSeconds(1)).count();
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
