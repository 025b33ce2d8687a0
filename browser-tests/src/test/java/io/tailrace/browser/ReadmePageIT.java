// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page that the README shows, served by another server, against a broker whose network is cut and which is restarted. */
@Timeout(300)
final class ReadmePageIT {

    private static final Pattern PAGE = Pattern.compile("```html\n(.*?)```", Pattern.DOTALL);
    private static final int KEYS = 5;

    @TempDir
    static Path dir;

    @Test
    void showsEachRecordOnceThroughACutNetworkAndARestart() throws Exception {
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String origin = "http://localhost:" + pages.getAddress().getPort();
        try (Node node = new Node(dir, origin);
                Cable cable = new Cable(node.httpPort);
                Chromium browser = new Chromium()) {
            serve(pages, page(cable.port()));
            node.topic("greetings", 3);
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            Thread producer = Thread.ofPlatform().start(() -> produce(node, enough, sent));

            browser.open(origin);
            browser.until("records before anything breaks", () -> shown(browser) > 100);

            cable.cut();
            int atCut = sent.get();
            browser.until("records written meanwhile", () -> sent.get() > atCut + 300);
            int atMend = shown(browser);
            cable.mend();
            browser.until("records after the cut", () -> shown(browser) > atMend + 300);

            node.restart();
            int atRestart = shown(browser);
            browser.until("records after the restart", () -> shown(browser) > atRestart + 300);

            enough.set(true);
            producer.join();
            browser.until("the last record", () -> shown(browser) >= sent.get());
            List<String> values = values(browser);
            assertThat(values)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, sent.get())
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(inOrderForEachKey(values)).isTrue();
        } finally {
            pages.stop(0);
        }
    }

    private static String page(int port) throws Exception {
        Matcher page = PAGE.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(page.find()).isTrue();
        assertThat(page.group(1).lines().count()).isLessThanOrEqualTo(10);
        return "<!doctype html><meta charset=utf-8>" + page.group(1).replace("localhost:8080", "localhost:" + port);
    }

    private static void serve(HttpServer pages, String page) {
        pages.createContext("/", exchange -> {
            byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "text/html");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        pages.start();
    }

    /** Numbers, each by the key of its remainder, until it is enough; all of them are acknowledged then. */
    private static void produce(Node node, AtomicBoolean enough, AtomicInteger sent) {
        try (KafkaProducer<String, String> producer = node.producer()) {
            while (!enough.get()) {
                int number = sent.getAndIncrement();
                var unused = producer.send(
                        new ProducerRecord<>("greetings", "key-" + number % KEYS, Integer.toString(number)));
                LockSupport.parkNanos(5_000_000); // a pace, not a wait: some 200 a second
            }
        }
    }

    private static int shown(Chromium browser) {
        return ((Long) browser.run("return document.querySelectorAll('li').length")).intValue();
    }

    @SuppressWarnings("unchecked") // a list of strings, as the script says
    private static List<String> values(Chromium browser) {
        return (List<String>) browser.run("return [...document.querySelectorAll('li')].map((one) => one.textContent)");
    }

    private static boolean inOrderForEachKey(List<String> values) {
        Map<Integer, Integer> last = new HashMap<>();
        for (String value : values) {
            int number = Integer.parseInt(value);
            Integer before = last.put(number % KEYS, number);
            if (before != null && before >= number) {
                return false;
            }
        }
        return true;
    }
}
