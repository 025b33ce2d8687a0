// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.log.disk.RealDisk;
import io.tailrace.log.scrub.Damage;
import io.tailrace.log.scrub.LogScrub;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Bits that turn in segments which nobody reads, on three nodes' log shards with real files. */
@Execution(ExecutionMode.CONCURRENT)
class ScrubTest {

    private static final List<Integer> NODES = List.of(1, 2, 3);

    @TempDir
    private Path directory;

    private final TestController controller = new TestController();
    private final TestWire wire = new TestWire();
    private final TreeMap<Integer, TestNode> nodes = new TreeMap<>();

    @BeforeEach
    void start() {
        for (int node : NODES) {
            nodes.put(node, new TestNode(node, directory.resolve("node-" + node), controller, wire));
        }
    }

    @AfterEach
    void stop() {
        nodes.values().forEach(TestNode::close);
    }

    @Test
    void aFollowerCopiesAnewWhatHasRottenInItsClosedSegments() throws Exception {
        PartitionKey key = topic("followed", NODES);
        List<String> sent = fill(key);
        nodes.get(3).scrub();

        turnABit(3, key);

        eventually(() -> damage(3, key).isEmpty() && inSync(key) == 3);
        assertThat(controller.partition(key.topic()).leader()).isEqualTo(1);
        crash(1);
        crash(2);
        controller.fence(3, false);
        eventually(() -> controller.partition(key.topic()).leader() == 3);
        eventually(() -> nodes.get(3).consumed(key).equals(sent));
    }

    /** No scrub reads the last segment; a start does. */
    @Test
    void aFollowerCopiesAnewWhatItCannotLoad() throws Exception {
        PartitionKey key = topic("loaded", NODES);
        List<String> sent = fill(key);
        Path log = files(3, key).resolve("00000000000000000009.log");
        crash(3);
        turnABit(log, Files.size(log) - 100);

        nodes.put(3, new TestNode(3, directory.resolve("node-3"), controller, wire));

        eventually(() -> inSync(key) == 3);
        crash(1);
        crash(2);
        controller.fence(3, false);
        eventually(() -> controller.partition(key.topic()).leader() == 3);
        eventually(() -> nodes.get(3).consumed(key).equals(sent));
    }

    @Test
    void aLeaderGivesWayToOneWhoseLogIsSound() throws Exception {
        PartitionKey key = topic("led", NODES);
        List<String> sent = fill(key);
        nodes.get(1).scrub();

        turnABit(1, key);

        eventually(() -> controller.partition(key.topic()).leader() == 2);
        eventually(() -> damage(1, key).isEmpty() && inSync(key) == 3);
        assertThat(nodes.get(2).consumed(key)).isEqualTo(sent);
    }

    /** At one byte a second the first answer, which may hold 1 MiB, is owed for days. */
    @Test
    void aSpoiledCopyIsReplacedAtThePaceOfTheScrubAndHoldsUpNobodyElse() throws Exception {
        crash(3);
        TestNode slow = new TestNode(3, directory.resolve("node-3"), controller);
        nodes.put(3, slow);
        slow.join(wire, 1);
        PartitionKey spoiled = topic("spoiled", NODES);
        PartitionKey sound = topic("sound", NODES);
        fill(spoiled);
        eventually(() -> inSync(spoiled) == 3);
        slow.scrub();

        turnABit(3, spoiled);
        eventually(() -> inSync(spoiled) == 2);
        eventually(() -> hasSome(3, spoiled));
        fill(sound);

        assertThat(inSync(sound)).isEqualTo(3);
        assertThat(inSync(spoiled)).isEqualTo(2);
        assertThat(hasSome(3, spoiled)).as("no more than the first answer").isTrue();
    }

    private boolean hasSome(int node, PartitionKey key) {
        return nodes.get(node)
                .described(key)
                .filter(it -> it.logEndOffset() > 0 && it.logEndOffset() < 10)
                .isPresent();
    }

    /** What is sound in it can still be had, and nobody else has any of it. */
    @Test
    void theOnlyReplicaIsKeptAsItIs() throws Exception {
        PartitionKey only = topic("only", List.of(1));
        PartitionKey led = topic("led", NODES);
        fill(only);
        fill(led);
        turnABit(1, only);
        Optional<Damage> rot = damage(1, only);
        nodes.get(1).scrub();

        // Twice, so that a whole round was between.
        for (int i = 0; i < 2; i++) {
            turnABit(1, led);
            eventually(() -> damage(1, led).isEmpty() && inSync(led) == 3);
        }

        assertThat(rot).isPresent();
        assertThat(damage(1, only)).isEqualTo(rot);
        assertThat(controller.partition(only.topic()).leader()).isEqualTo(1);
        assertThat(nodes.get(1).append(only, "goes on", 30_000).error()).isEqualTo(Errors.NONE);
    }

    private PartitionKey topic(String name, List<Integer> replicas) {
        return PartitionKey.of(
                controller.createTopic(name, replicas, Map.of("min.insync.replicas", "1", "segment.bytes", "1048576")),
                0);
    }

    /** More than two segments of it. */
    private List<String> fill(PartitionKey key) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String value = i + "-".repeat(300_000);
            int sequence = i;
            eventually(
                    () -> nodes.get(1).append(key, value, 1, sequence, 30_000).error() == Errors.NONE);
            sent.add(value);
        }
        eventually(() -> controller.partition(key.topic()).replicas().stream().allMatch(node -> nodes.get(node)
                .described(key)
                .filter(it -> it.logEndOffset() == 10)
                .isPresent()));
        return sent;
    }

    private Path files(int node, PartitionKey key) {
        return Path.of(nodes.get(node).described(key).orElseThrow().directory())
                .resolve(key.topic() + "-" + key.partition());
    }

    private void turnABit(int node, PartitionKey key) throws Exception {
        turnABit(files(node, key).resolve("00000000000000000000.log"), 500_000);
    }

    private static void turnABit(Path log, long position) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(position);
            int was = file.read();
            file.seek(position);
            file.write(was ^ 4);
        }
    }

    private Optional<Damage> damage(int node, PartitionKey key) {
        if (nodes.get(node).described(key).filter(it -> it.logEndOffset() >= 10).isEmpty()) {
            return Optional.of(new Damage(0, 0, 0, "not all is there"));
        }
        try (LogScrub scrub = new LogScrub(new RealDisk(), files(node, key))) {
            while (!scrub.step()) {
                continue;
            }
            return scrub.damage();
        }
    }

    private int inSync(PartitionKey key) {
        return controller.partition(key.topic()).isr().size();
    }

    private void crash(int node) {
        nodes.remove(node).close();
        controller.fence(node, true);
    }

    private static void eventually(BooleanSupplier condition) {
        Awaitility.await()
                .dontCatchUncaughtExceptions() // of another test, whose nodes stop while others still ask them
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }
}
