// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One browser reads a long topic from its beginning while it grows: every record, once, in order.
 *
 * <p>{@code replay.records} says how many; by hand it has been 10,000,000. {@code replay.kafka} and {@code replay.http} (host:port each) name a
 * broker that runs already, so that its memory can be looked at; without them one is started here.
 */
final class ReplayIT {

    private static final long RECORDS = Long.getLong("replay.records", 200_000);
    private static final int PARTITIONS = 4;
    private static final String TOPIC = "replay-" + System.nanoTime();

    /** For so many records, on a machine that does other things too. */
    private static final Duration PATIENCE = Duration.ofSeconds(120 + RECORDS / 2_000);

    /** The value of a record is its offset, so what comes too much, too little or too late is seen in the record itself. */
    private static final String PAGE =
            """
            window.seen = { count: 0, wrong: null };
            import('/client.js').then(async ({ connect }) => {
              const next = new Map();
              for await (const record of connect().subscribe(arguments[0], { from: 'earliest' })) {
                const due = next.get(record.partition) ?? 0;
                if (record.offset !== due || Number(record.value) !== due) {
                  throw new Error(`partition ${record.partition}: ${due} was due, and ${record.offset} came: ${record.value}`);
                }
                next.set(record.partition, due + 1);
                window.seen.count++;
              }
            }).catch((error) => { window.seen.wrong = String(error); });
            """;

    @TempDir
    static Path dir;

    @Test
    void readsALongTopicThatGrowsMeanwhileInOrder() throws Exception {
        String kafka = System.getProperty("replay.kafka");
        if (kafka != null) {
            run(kafka, "http://" + System.getProperty("replay.http") + "/");
            return;
        }
        try (Node node = new Node(dir, "")) {
            run(node.address(), node.web());
        }
    }

    private static void run(String kafka, String web) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
            admin.createTopics(java.util.List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
        AtomicLong sent = new AtomicLong();
        AtomicBoolean enough = new AtomicBoolean();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka, "linger.ms", "5", "buffer.memory", "16000000"),
                        new StringSerializer(),
                        new StringSerializer());
                Chromium browser = new Chromium()) {
            while (sent.get() < RECORDS / 2) {
                send(producer, sent.getAndIncrement());
            }
            producer.flush();
            Thread growing = Thread.ofPlatform().start(() -> {
                while (!enough.get()) {
                    send(producer, sent.getAndIncrement());
                    if (sent.get() > RECORDS) {
                        LockSupport.parkNanos(5_000_000); // a pace, not a wait: the topic never stops growing
                    }
                }
            });
            browser.open(web + "healthz");
            long started = System.nanoTime();
            browser.run(PAGE, TOPIC);
            until(browser, RECORDS);
            double seconds = (System.nanoTime() - started) / 1e9;
            enough.set(true);
            growing.join();
            producer.flush();
            until(browser, sent.get());
            assertThat(browser.run("return window.seen.count")).isEqualTo(sent.get());
            System.out.printf(
                    "%,d records into one browser in %.1f s (%,.0f a second), while %,d were written%n",
                    RECORDS, seconds, RECORDS / seconds, sent.get() - RECORDS / 2);
        } finally {
            enough.set(true);
        }
    }

    private static void send(KafkaProducer<String, String> producer, long number) {
        var unused = producer.send(
                new ProducerRecord<>(TOPIC, (int) (number % PARTITIONS), null, Long.toString(number / PARTITIONS)));
    }

    private static void until(Chromium browser, long count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .failFast(() ->
                        assertThat(browser.run("return window.seen.wrong")).isNull())
                .until(() -> (Long) browser.run("return window.seen.count") >= count);
    }
}
