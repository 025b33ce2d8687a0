// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The console, worked as a person would: by what it says, with the keyboard and the pointer. */
@Timeout(300)
final class ConsoleIT {

    @TempDir
    static Path dir;

    private static Node node;
    private static Chromium browser;

    @BeforeAll
    static void start() {
        node = new Node(dir, "");
        browser = new Chromium();
    }

    @AfterAll
    static void stop() {
        browser.close();
        node.close();
    }

    @Test
    void createsATopicShowsItLiveAndResetsAGroup() throws Exception {
        browser.open(node.web());
        browser.named("h2", "No topics yet");
        browser.picture("welcome");

        browser.named("a", "Create a topic").click();
        browser.find("dialog input[name=topic]").sendKeys("orders");
        browser.find("dialog input[name=partitions]").sendKeys("2" + Keys.ENTER);
        browser.until("the page of the topic", () -> browser.shows("No records here"));
        try (Admin admin = node.admin()) {
            assertThat(admin.describeTopics(List.of("orders"))
                            .allTopicNames()
                            .get()
                            .get("orders")
                            .partitions())
                    .hasSize(2);

            browser.named("button", "Live").click();
            browser.until("the tail", () -> browser.shows("Waiting for records"));
            try (KafkaProducer<String, String> producer = node.producer()) {
                producer.send(new ProducerRecord<>("orders", "a", "{\"from\":\"a Kafka client\"}"))
                        .get();
            }
            browser.until("the record of a Kafka client", () -> browser.shows("a Kafka client"));

            browser.named("button", "Produce").click();
            browser.find("dialog input[name=key]").sendKeys("b");
            browser.find("dialog textarea").sendKeys("from the console" + Keys.chord(Keys.CONTROL, Keys.ENTER));
            browser.until("the record of the console", () -> browser.shows("from the console"));
            browser.picture("live");

            browser.named("button", "Newest").click();
            browser.until("both records", () -> browser.shows("2 shown"));
            browser.find("input[type=search]").sendKeys("/from the \\w+/" + Keys.ENTER);
            browser.until("the one that matches", () -> browser.shows("1 shown of 2 read"));
            browser.find("tr.record").click();
            browser.picture("record");

            WebElement filter = browser.find("input[type=search]");
            filter.clear();
            filter.sendKeys("key:a json.from:\"a Kafka client\"" + Keys.ENTER);
            browser.until(
                    "the one with that field", () -> browser.shows("1 shown of 2 read") && browser.shows("a Kafka"));
            browser.named("button", "Oldest").click();
            browser.until("the only one that is sent", () -> browser.shows("1 shown of 1 read"));
            browser.picture("filtered");
            browser.open(node.web() + "#/");
            browser.named("h2", "Brokers");
            browser.until("its topic", () -> browser.shows("orders"));
            browser.picture("overview");
            browser.open(node.web() + "#/topics");
            browser.named("a", "orders");
            browser.picture("topics");

            read("orders", 2);
            browser.open(node.web() + "#/groups");
            browser.named("a", "billing").click();
            browser.named("button", "Reset offsets").click();
            browser.until("what the reset would do", () -> browser.shows("again"));
            browser.picture("reset");
            browser.named("button", "Reset").click();
            browser.until("the reset", () -> browser.shows("Offsets reset"));
            assertThat(admin.listConsumerGroupOffsets("billing")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .values())
                    .allMatch(offset -> offset.offset() == 0);

            browser.open(node.web() + "#/topics/orders");
            browser.named("button", "More").click();
            browser.named("button", "Delete the topic").click();
            assertThat(browser.find("dialog .danger").isEnabled()).isFalse();
            browser.find("dialog input").sendKeys("orders" + Keys.ENTER);
            browser.until("the list without it", () -> browser.shows("No topics yet"));
            assertThat(admin.listTopics().names().get()).doesNotContain("orders");
        }
        // A page that asks once more for what it has just deleted is told so.
        assertThat(browser.complaints()).allMatch(line -> line.contains("status of 404"));
    }

    /** Reads a topic as group "billing", commits and leaves. */
    private static void read(String topic, int records) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", node.address(), "group.id", "billing", "auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1)));
            int seen = 0;
            while (seen < records) {
                seen += consumer.poll(Duration.ofMillis(200)).count();
            }
            consumer.commitSync();
        }
    }
}
