// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node tells Prometheus, after Kafka clients and a browser have been there. */
@Timeout(120)
final class MetricsIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern NAME = Pattern.compile("\\b((?:tailrace|jvm|process)_[a-z_]+)\\{");

    @TempDir
    static Path dir;

    private static BrokerFixture broker;

    @BeforeAll
    static void start() {
        broker = BrokerFixture.start(dir, "http.port", "0");
        TopicPartition topic = broker.topic("measured", 1);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            for (int i = 0; i < 20; i++) {
                var unused = producer.send(new ProducerRecord<>("measured", new byte[100]));
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = broker.consumer(topic, "group.id", "behind")) {
            consumer.commitSync(Map.of(topic, new OffsetAndMetadata(7)));
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void countsWhatKafkaClientsDid() throws Exception {
        String scrape = scrape();
        assertThat(value(scrape, "tailrace_listener_request_seconds_count{api=\"produce\"}"))
                .isPositive();
        assertThat(value(scrape, "tailrace_listener_request_bytes_total{api=\"produce\"}"))
                .isGreaterThan(2_000);
        assertThat(value(scrape, "tailrace_log_appends_total")).isPositive();
        assertThat(value(scrape, "tailrace_log_append_bytes_total")).isGreaterThan(2_000);
        assertThat(value(scrape, "tailrace_log_sync_seconds_count")).isPositive();
        assertThat(value(scrape, "tailrace_log_bytes")).isGreaterThan(2_000);
        assertThat(value(scrape, "tailrace_disk_online{directory=\"" + dir + "\"}"))
                .isEqualTo(1);
        assertThat(value(scrape, "process_uptime_seconds")).isPositive();
    }

    @Test
    void tellsHowFarAGroupIsBehind() {
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            String scrape = scrape();
            assertThat(value(scrape, "tailrace_group_lag_records{group=\"behind\",partition=\"0\",topic=\"measured\"}"))
                    .isEqualTo(13);
            assertThat(value(scrape, "tailrace_groups")).isEqualTo(1);
        });
    }

    @Test
    void countsBrowsersAndForgetsThemWhenTheyLeave() throws Exception {
        try (Socket socket = Socket.open(HTTP, URI.create("ws://127.0.0.1:" + broker.httpPort() + "/v1/socket"))) {
            socket.send("{\"type\":\"hello\"}");
            socket.send("{\"type\":\"sub\",\"id\":1,\"topic\":\"measured\",\"from\":\"earliest\","
                    + "\"credit\":{\"records\":5,\"bytes\":100000}}");
            socket.values(5);
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                String scrape = scrape();
                assertThat(value(scrape, "tailrace_gateway_sockets")).isEqualTo(1);
                assertThat(value(scrape, "tailrace_gateway_subscriptions")).isEqualTo(1);
                assertThat(value(scrape, "tailrace_gateway_delivered_records_total"))
                        .isEqualTo(5);
                assertThat(value(scrape, "tailrace_gateway_starved_total")).isEqualTo(1);
            });
        }
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            String scrape = scrape();
            assertThat(value(scrape, "tailrace_gateway_sockets")).isZero();
            assertThat(value(scrape, "tailrace_gateway_subscriptions")).isZero();
        });
    }

    @Test
    void theDashboardAsksForNothingThatIsNotTold() throws Exception {
        JsonObject dashboard =
                new JsonObject(Files.readString(Golden.REPOSITORY.resolve("conf/grafana-dashboard.json")));
        Set<String> asked = new TreeSet<>();
        for (Object panel : dashboard.getJsonArray("panels")) {
            for (Object target : ((JsonObject) panel).getJsonArray("targets", new JsonArray())) {
                Matcher names = NAME.matcher(((JsonObject) target).getString("expr"));
                while (names.find()) {
                    asked.add(names.group(1));
                }
            }
        }
        String scrape = scrape();
        assertThat(asked).hasSizeGreaterThan(20).allMatch(name -> scrape.contains("\n" + name));
    }

    private static String scrape() throws Exception {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.httpPort() + "/metrics"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).contains("version=0.0.4"));
        return response.body();
    }

    private static double value(String scrape, String series) {
        return scrape.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series));
    }
}
