// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code start} as a process of its own, with stock Kafka clients against it. */
@Timeout(120)
final class StartIT {

    private static final Pattern ADDRESS = Pattern.compile("  Kafka   (\\S+)");

    @TempDir
    Path dir;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void kill() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void servesStockClientsStopsOnSigtermAndKeepsTheRecords() throws Exception {
        Process first = start();
        String address = address(first);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("greetings", "hello")).get(30, TimeUnit.SECONDS);
        }

        first.destroy();
        assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isEqualTo(128 + 15);

        Process second = start();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address(second)), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition("greetings", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            while (values.isEmpty()) {
                consumer.poll(Duration.ofSeconds(1)).forEach(found -> values.add(found.value()));
            }
            assertThat(values).containsExactly("hello");
        }
    }

    @Test
    void refusesADirectoryThatAnotherProcessHas() throws Exception {
        address(start());
        Process second = start();
        assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(1);
        assertThat(text(second)).contains("in use by another broker").doesNotContain("\tat ");
    }

    @Test
    void refusesAnUnknownKeyWithWhatWasMeant() throws Exception {
        Process process = start("--override", "listner=PLAINTEXT://localhost:1");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(text(process))
                .contains("listner")
                .contains("did you mean listeners?")
                .doesNotContain("\tat ");
    }

    private Process start(String... more) throws IOException {
        List<String> command = NodeJvm.tailrace(List.of("-Xmx160m", "-XX:+UseSerialGC"));
        command.addAll(List.of(
                "start",
                "--override",
                "listeners=PLAINTEXT://localhost:0",
                "--override",
                "log.dirs=" + dir.resolve("data")));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("TAILRACE_"));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** The address that the banner tells; what came before it is in the failure if none comes. */
    private static String address(Process process) throws IOException {
        StringBuilder before = new StringBuilder();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher matcher = ADDRESS.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1);
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("the node did not start:\n" + before);
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
