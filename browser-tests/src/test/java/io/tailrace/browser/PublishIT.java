// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A page that writes while its network is cut and the broker restarted, and a Kafka client that counts. */
@Timeout(300)
final class PublishIT {

    private static final int RECORDS = 3_000;

    private static final String PAGE =
            """
            window.done = 0;
            window.failed = [];
            (async () => {
              const { connect } = await import('/client.js');
              const gateway = connect();
              const writer = async (first) => {
                for (let i = first; i < %d; i += 20) {
                  await gateway.publish('written', String(i)).then(() => window.done++, (e) => window.failed.push(e.code));
                }
              };
              for (let i = 0; i < 20; i++) writer(i);
            })();"""
                    .formatted(RECORDS);

    @TempDir
    static Path dir;

    @Test
    void writesEachRecordOnceThroughCutsInTheNetworkAndRestarts() throws Exception {
        try (Node node = new Node(dir, "");
                Cable cable = new Cable(node.httpPort);
                Chromium browser = new Chromium()) {
            node.topic("written", 1);
            browser.open("http://localhost:" + cable.port() + "/openapi.json");
            browser.run(PAGE);
            for (int cut = 1; cut <= 3; cut++) {
                int enough = cut * RECORDS / 5;
                browser.until("records before cut " + cut, () -> done(browser) >= enough);
                cable.cut();
                if (cut > 1) {
                    node.restart();
                }
                cable.mend();
            }
            browser.until("all records", () -> done(browser) == RECORDS);
            assertThat((List<?>) browser.run("return window.failed")).isEmpty();
            assertThat(read(node))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    private static int done(Chromium browser) {
        return ((Long) browser.run("return window.done")).intValue();
    }

    private static List<String> read(Node node) {
        TopicPartition partition = new TopicPartition("written", 0);
        Map<String, Object> settings = Map.of("bootstrap.servers", node.address());
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> values = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }
}
