// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.BrokerFixture;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.common.ClassicGroupState;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka Connect in distributed mode: two workers copy files to topics and topics to files. Its workers are members of a group of protocol type
 * {@code connect}, its sink tasks of consumer groups, its offsets lie in compacted topics.
 */
@Tag("ecosystem")
@Timeout(600)
final class ConnectIT {

    private static final int PAIRS = 3;

    @TempDir
    static Path dir;

    @Test
    void tasksOfAKilledWorkerMoveAndNoLineIsLost() throws Exception {
        List<ConnectWorker> workers = new ArrayList<>();
        try (BrokerFixture node = BrokerFixture.start(dir.resolve("data"));
                Admin admin = node.admin();
                LineWriter lines = new LineWriter()) {
            workers.add(ConnectWorker.start(dir.resolve("first"), node.address()));
            workers.add(ConnectWorker.start(dir.resolve("second"), node.address()));
            ConnectWorker first = workers.get(0);
            ConnectWorker second = workers.get(1);
            for (int pair = 0; pair < PAIRS; pair++) {
                connect(first, pair);
            }
            eventually(() -> assertShared(second, first, second));
            eventually(() -> assertGroup(admin, 2));
            lines.start();
            eventually(() -> assertThat(lines.written()).isGreaterThan(1_000));
            untilCopied(lines.written());

            first.kill();
            eventually(() -> assertShared(second, second));
            untilCopied(lines.written());

            ConnectWorker third = ConnectWorker.start(dir.resolve("third"), node.address());
            workers.add(third);
            eventually(() -> assertShared(third, second, third));

            second.stop();
            eventually(() -> assertShared(third, third));
            eventually(() -> assertGroup(admin, 1));
            lines.finish();
            untilCopied(lines.written());
        } catch (AssertionError | Exception e) {
            throw new AssertionError(
                    workers.stream().map(ConnectWorker::output).toList().toString(), e);
        } finally {
            workers.forEach(ConnectWorker::close);
        }
    }

    private static Path source(int pair) {
        return dir.resolve("source-" + pair + ".txt");
    }

    private static Path sink(int pair) {
        return dir.resolve("sink-" + pair + ".txt");
    }

    /** A file to a topic, and the topic to a file. */
    private static void connect(ConnectWorker worker, int pair) {
        eventually(() -> worker.put(
                "source-" + pair,
                Map.of(
                        "connector.class",
                        "org.apache.kafka.connect.file.FileStreamSourceConnector",
                        "tasks.max",
                        "1",
                        "file",
                        source(pair).toString(),
                        "topic",
                        "lines-" + pair)));
        eventually(() -> worker.put(
                "sink-" + pair,
                Map.of(
                        "connector.class",
                        "org.apache.kafka.connect.file.FileStreamSinkConnector",
                        "tasks.max",
                        "1",
                        "file",
                        sink(pair).toString(),
                        "topics",
                        "lines-" + pair)));
    }

    /** Each task runs, and each of these workers, and nobody else, has some. */
    private static void assertShared(ConnectWorker asked, ConnectWorker... among) throws Exception {
        Set<String> addresses = new HashSet<>();
        for (ConnectWorker worker : among) {
            addresses.add(worker.address());
        }
        Map<String, String> tasks = asked.runningTasks();
        assertThat(tasks).hasSize(2 * PAIRS);
        assertThat(new HashSet<>(tasks.values())).isEqualTo(addresses);
    }

    private static void assertGroup(Admin admin, int members) throws Exception {
        ClassicGroupDescription group = admin.describeClassicGroups(List.of(ConnectWorker.GROUP))
                .describedGroups()
                .get(ConnectWorker.GROUP)
                .get(60, TimeUnit.SECONDS);
        assertThat(group.protocol()).isEqualTo("connect");
        assertThat(group.state()).isEqualTo(ClassicGroupState.STABLE);
        assertThat(group.members()).hasSize(members);
    }

    /** The first so many lines of each file; one may come twice, since Connect promises at least once here. */
    private static void untilCopied(int count) {
        eventually(() -> {
            for (int pair = 0; pair < PAIRS; pair++) {
                Set<String> copied = new HashSet<>(Files.readAllLines(sink(pair)));
                assertThat(IntStream.range(0, count).mapToObj(LineWriter::line).filter(line -> !copied.contains(line)))
                        .as("lines of pair %d that are not copied", pair)
                        .isEmpty();
            }
        });
    }

    private static void eventually(ThrowingRunnable holds) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(holds);
    }

    /** Appends numbered lines to all source files until it is closed. */
    private static final class LineWriter implements AutoCloseable {

        private final List<BufferedWriter> files = new ArrayList<>();
        private final Thread thread = new Thread(this::write, "lines");
        private volatile boolean closed;
        private volatile int written;

        LineWriter() throws IOException {
            for (int pair = 0; pair < PAIRS; pair++) {
                files.add(Files.newBufferedWriter(source(pair)));
            }
        }

        static String line(int number) {
            return "line " + number;
        }

        void start() {
            thread.start();
        }

        int written() {
            return written;
        }

        private void write() {
            try {
                while (!closed) {
                    for (BufferedWriter file : files) {
                        file.write(line(written) + '\n');
                        file.flush();
                    }
                    written++;
                    TimeUnit.MILLISECONDS.sleep(2);
                }
                for (BufferedWriter file : files) {
                    file.close();
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void finish() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(stop);
            }
        }

        @Override
        public void close() {
            finish();
        }
    }
}
