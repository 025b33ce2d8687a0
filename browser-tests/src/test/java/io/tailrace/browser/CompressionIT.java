// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Browsers offer permessage-deflate by themselves, and unpack what comes: a page need not know of it. */
@Timeout(300)
final class CompressionIT {

    private static final int RECORDS = 2_000;
    private static final int RECORD_BYTES = 1_000;

    private static final String PAGE =
            """
            window.seen = { count: 0, wrong: null, agreed: null };
            const socket = new WebSocket(`ws://${location.host}/v1/socket`);
            socket.onopen = () => { window.seen.agreed = socket.extensions; socket.close(); };
            import('/client.js').then(async ({ connect }) => {
              for await (const record of connect().subscribe('packed', { from: 'earliest' })) {
                const due = String(window.seen.count).repeat(1000).slice(0, 1000);
                if (record.value !== due) throw new Error(`${record.value} came, and not ${due}`);
                window.seen.count++;
              }
            }).catch((error) => { window.seen.wrong = String(error); });
            """;

    @TempDir
    static Path dir;

    @Test
    void aPageGetsRecordsWholeThatTravelCompressed() throws Exception {
        try (Node node = new Node(dir, "", "http.compression.enable", "true");
                Cable cable = new Cable(node.httpPort);
                Chromium browser = new Chromium();
                KafkaProducer<String, String> producer = node.producer()) {
            node.topic("packed", 1);
            IntStream.range(0, RECORDS / 2).forEach(number -> send(producer, number));
            producer.flush();
            browser.open("http://localhost:" + cable.port() + "/healthz");
            long before = cable.toBrowser();
            browser.run(PAGE);
            until(browser, RECORDS / 2);
            IntStream.range(RECORDS / 2, RECORDS).forEach(number -> send(producer, number));
            until(browser, RECORDS);

            assertThat((String) browser.run("return window.seen.agreed")).startsWith("permessage-deflate");
            assertThat(cable.toBrowser() - before).isLessThan((long) RECORDS * RECORD_BYTES / 4);
        }
    }

    private static void send(KafkaProducer<String, String> producer, int number) {
        String value = Integer.toString(number).repeat(RECORD_BYTES).substring(0, RECORD_BYTES);
        var unused = producer.send(new ProducerRecord<>("packed", value));
    }

    private static void until(Chromium browser, int count) {
        browser.until(count + " records", () -> {
            assertThat(browser.run("return window.seen.wrong")).isNull();
            return ((Long) browser.run("return window.seen.count")).intValue() >= count;
        });
    }
}
