// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.DeleteRecords;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

/** Three nodes' log shards, copying from each other over a wire that can be cut. */
@Execution(ExecutionMode.CONCURRENT)
class CopyingTest {

    private static final String TOPIC = "copied";
    private static final List<Integer> NODES = List.of(1, 2, 3);

    @TempDir
    private Path directory;

    private final TestController controller = new TestController();
    private final TestWire wire = new TestWire();
    private final TreeMap<Integer, TestNode> nodes = new TreeMap<>();
    private long lastProducerId;

    @BeforeEach
    void start() {
        NODES.forEach(this::start);
    }

    private void start(int node) {
        nodes.put(node, new TestNode(node, directory.resolve("node-" + node), controller, wire));
    }

    @AfterEach
    void stop() {
        nodes.values().forEach(TestNode::close);
    }

    @Test
    void acknowledgesWhatAllInSyncReplicasHave() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);

        List<String> sent = append(1, key, 0, 50);

        assertThat(nodes.get(1).consumed(key)).isEqualTo(sent);
        eventually(() -> NODES.stream().allMatch(node -> isAt(node, key, 50)));
    }

    @Test
    void goesOnWithTheNextLeaderAndLosesNothing() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        List<String> sent = append(1, key, 0, 20);

        crash(1);
        assertThat(controller.partition(TOPIC).leader()).isEqualTo(2);
        sent.addAll(append(2, key, 20, 40));

        eventually(() -> nodes.get(2).consumed(key).equals(sent));
        start(1);
        eventually(() -> controller.partition(TOPIC).isr().size() == 3);
        eventually(() -> NODES.stream().allMatch(node -> isAt(node, key, 40)));
    }

    @Test
    void dropsWhatWasNeverCommittedWhenTheOldLeaderComesBack() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        List<String> sent = append(1, key, 0, 10);

        wire.cutOff(1);
        Append.Result lost = nodes.get(1).append(key, "lost", 300);
        assertThat(lost.error()).isIn(Errors.REQUEST_TIMED_OUT, Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
        controller.fence(1, true);
        sent.addAll(append(2, key, 10, 20));
        wire.join(1);
        controller.fence(1, false);

        eventually(() -> controller.partition(TOPIC).isr().size() == 3);
        crash(2);
        crash(3);
        controller.fence(1, false);
        eventually(() -> controller.partition(TOPIC).leader() == 1);
        start(2);
        eventually(() -> nodes.get(1).consumed(key).equals(sent));
    }

    /** A consumer that comes from the next leader would begin anew, and commit that. */
    @Test
    void aLeaderOutOfTouchDoesNotSayWhatIsBeyondItsEnd() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        append(1, key, 0, 10);
        assertThat(nodes.get(1).fetched(key, 11)).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);

        nodes.get(1).inTouch(false);

        assertThat(nodes.get(1).fetched(key, 11)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
        assertThat(nodes.get(1).fetched(key, 10)).isEqualTo(Errors.NONE);
        assertThat(nodes.get(1).fetched(key, -2)).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void letsASilentFollowerGoAndTakesItBack() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        append(1, key, 0, 5);

        wire.cutOff(3);
        List<String> sent = append(1, key, 5, 10); // waits until node 3 is out
        assertThat(sent).hasSize(5);
        assertThat(controller.partition(TOPIC).isr()).containsExactlyInAnyOrder(1, 2);

        wire.join(3);
        eventually(() -> controller.partition(TOPIC).isr().size() == 3);
        assertThat(isAt(3, key, 10)).isTrue();
    }

    @Test
    void refusesBelowTheMinimumOfInSyncReplicas() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        append(1, key, 0, 1);
        crash(2);
        crash(3);

        assertThat(nodes.get(1).append(key, "refused", 10_000).error()).isEqualTo(Errors.NOT_ENOUGH_REPLICAS);
    }

    @Test
    void movesAPartitionAndDeletesItWhereItWas() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, List.of(1, 2), 1), 0);
        List<String> sent = append(1, key, 0, 20);

        controller.reassign(TOPIC, List.of(3, 2));

        eventually(() -> controller.partition(TOPIC).replicas().equals(List.of(3, 2)));
        sent.addAll(append(controller.partition(TOPIC).leader(), key, 20, 30));
        eventually(() -> isAt(3, key, 30) && isAt(2, key, 30));
        eventually(() -> nodes.get(1).described(key).isEmpty());
        crash(2);
        eventually(() -> controller.partition(TOPIC).leader() == 3);
        eventually(() -> nodes.get(3).consumed(key).equals(sent));
    }

    @Test
    void aThrottledLeaderLetsTheMovingReplicaWaitAndNobodyElse() {
        aThrottledMoveWaits(1, "leader.replication.throttled.rate", "leader.replication.throttled.replicas", "0:1");
    }

    @Test
    void aThrottledFollowerWaits() {
        aThrottledMoveWaits(3, "follower.replication.throttled.rate", "follower.replication.throttled.replicas", "0:3");
    }

    /** At one byte a second the first answer, which may hold 1 MiB, is owed for days. */
    private void aThrottledMoveWaits(int node, String rateKey, String listKey, String list) {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, List.of(1, 2), 1), 0);
        String large = "x".repeat(400_000);
        for (int i = 0; i < 6; i++) {
            assertThat(nodes.get(1).append(key, large, 30_000).error()).isEqualTo(Errors.NONE);
        }
        controller.configure(ConfigTarget.broker(node), rateKey, "1");
        controller.configure(ConfigTarget.topic(TOPIC), listKey, list);

        controller.reassign(TOPIC, List.of(3, 2));
        eventually(() -> isHere(3, key, 1));
        List<String> sent = append(1, key, 6, 26);

        eventually(() -> isAt(2, key, 26));
        assertThat(controller.partition(TOPIC).isr()).doesNotContain(3);
        assertThat(isHere(3, key, 6)).isFalse();

        controller.configure(ConfigTarget.broker(node), rateKey, "");
        eventually(() -> controller.partition(TOPIC).replicas().equals(List.of(3, 2)));
        crash(2);
        assertThat(nodes.get(3).consumed(key).subList(6, 26)).isEqualTo(sent);
    }

    private boolean isHere(int node, PartitionKey key, long end) {
        return nodes.get(node)
                .described(key)
                .filter(it -> it.logEndOffset() >= end)
                .isPresent();
    }

    /** What a node reads in its metadata log may be of long ago: only when it has read of its own start it knows enough to delete. */
    @Test
    void deletesWhatMovedAwayMeanwhileOnlyOnceItIsRegistered() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, List.of(1, 2), 1), 0);
        append(1, key, 0, 5);
        eventually(() -> isAt(2, key, 5));
        crash(1);
        controller.reassign(TOPIC, List.of(2));

        TestNode back = new TestNode(1, directory.resolve("node-1"), controller);
        nodes.put(1, back);
        TopicImage another = controller.createTopic("another", List.of(2), 1); // an image for its shards to look at
        assertThat(another.partitions()).hasSize(1);
        assertThat(back.described(key)).isPresent();
        back.join(wire);

        eventually(() -> back.described(key).isEmpty());
    }

    @Test
    void aFollowerServesWhatIsCommittedAndNothingElse() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        List<String> sent = append(1, key, 0, 10);
        eventually(() -> nodes.get(3).consumed(key, true).equals(sent));

        wire.cutOff(3);
        Append.Result waiting = nodes.get(1).append(key, "not committed", 100);
        assertThat(waiting.error()).isEqualTo(Errors.REQUEST_TIMED_OUT);
        eventually(() -> nodes.get(2).described(key).orElseThrow().logEndOffset() == 11);
        assertThat(nodes.get(2).consumed(key, true)).isEqualTo(sent);

        wire.join(3);
        eventually(() -> nodes.get(3).consumed(key, true).size() == 11);
        assertThatThrownBy(() -> nodes.get(3).consumed(key)).hasMessageContaining("NOT_LEADER_OR_FOLLOWER");
    }

    @Test
    void recordsAreGoneEverywhereWhenTheirDeletionIsAnswered() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        append(1, key, 0, 10);
        eventually(() -> NODES.stream().allMatch(node -> isAt(node, key, 10)));

        wire.cutOff(3);
        Future<DeleteRecords.Reply> asked = nodes.get(1).delete(key, 4, 60_000);
        eventually(() -> startsAt(1, key, 4) && startsAt(2, key, 4));
        assertThat(asked.isComplete()).as("one that lives still has them").isFalse();
        assertThat(startsAt(3, key, 0)).isTrue();

        wire.join(3);
        eventually(asked::isComplete);
        assertThat(asked.result().results()).containsExactly(new DeleteRecords.Result(Errors.NONE, 4));
        assertThat(startsAt(3, key, 4)).isTrue();
    }

    @Test
    void aDeletionWaitsNoLongerThanItMayAndForNobodyDead() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 2), 0);
        append(1, key, 0, 10);
        eventually(() -> NODES.stream().allMatch(node -> isAt(node, key, 10)));

        wire.cutOff(3);
        Future<DeleteRecords.Reply> late = nodes.get(1).delete(key, 4, 200);
        eventually(late::isComplete);
        assertThat(late.result().results())
                .extracting(DeleteRecords.Result::error)
                .containsExactly(Errors.REQUEST_TIMED_OUT);

        Future<DeleteRecords.Reply> patient = nodes.get(1).delete(key, 6, 60_000);
        controller.fence(3, true);
        eventually(patient::isComplete);
        assertThat(patient.result().results()).containsExactly(new DeleteRecords.Result(Errors.NONE, 6));
    }

    private boolean startsAt(int node, PartitionKey key, long offset) {
        return nodes.get(node)
                .described(key)
                .filter(it -> it.logStartOffset() == offset)
                .isPresent();
    }

    @Test
    void handsOverWhatIsOnADirectoryThatFails() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 1), 0);
        shareShard(key);
        List<String> sent = append(1, key, 0, 10);
        eventually(() -> NODES.stream().allMatch(node -> isAt(node, key, 10)));

        nodes.get(1)
                .disk()
                .failBelow(Path.of(nodes.get(1).described(key).orElseThrow().directory()));
        Append.Result refused = nodes.get(1).append(key, "lost", 30_000);

        assertThat(refused.error()).isNotEqualTo(Errors.NONE);
        eventually(() -> controller.partition(TOPIC).leader() == 2);
        assertThat(controller.partition(TOPIC).isr()).doesNotContain(1);
        assertThat(controller.partition(TOPIC).elr()).doesNotContain(1);
        sent.addAll(append(2, key, 10, 20));
        assertThat(nodes.get(2).consumed(key)).isEqualTo(sent);
    }

    @Test
    void whatWasWrittenAndNotSyncedIsRefused() {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, List.of(1), 1), 0);
        shareShard(key);
        append(1, key, 0, 10); // one after the other: each synced by the shard's own thread, where the disk is quick

        nodes.get(1)
                .disk()
                .failSyncsBelow(
                        Path.of(nodes.get(1).described(key).orElseThrow().directory()));

        assertThat(nodes.get(1).append(key, "lost", 30_000).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    }

    @Test
    void aLeaderThatCannotMakeItsLogGivesWayUntilItCan() {
        nodes.get(1).disk().fillUpBelow(directory.resolve("node-1"));
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 1), 0);
        assertThat(nodes.get(1).append(key, "lost", 30_000).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);

        eventually(() -> controller.partition(TOPIC).leader() == 2);
        List<String> sent = append(2, key, 0, 10);
        assertThat(controller.partition(TOPIC).isr()).doesNotContain(1);

        nodes.get(1).disk().fillUpBelow(Path.of("nothing"));
        eventually(() -> controller.partition(TOPIC).isr().size() == 3);
        assertThat(nodes.get(2).consumed(key)).isEqualTo(sent);
    }

    @Test
    void aLeaderWhoseLogIsRottenGivesWayAndCopiesItAnew() throws Exception {
        PartitionKey key = PartitionKey.of(controller.createTopic(TOPIC, NODES, 1), 0);
        List<String> sent = append(1, key, 0, 10);
        wire.cutOff(3);
        sent.addAll(append(1, key, 10, 20)); // waits until node 3 is out
        rot(1, key, "record 15");
        wire.join(3);

        eventually(() -> controller.partition(TOPIC).leader() == 2);
        eventually(() -> controller.partition(TOPIC).isr().size() == 3);
        crash(2);
        eventually(() -> controller.partition(TOPIC).leader() == 1);
        eventually(() -> nodes.get(1).consumed(key).equals(sent));
    }

    /** Another partition of the same shard, in the other directory: node 1 goes on when this one's is lost. */
    private void shareShard(PartitionKey key) {
        int shared = 0;
        String other = TOPIC;
        while (nodes.get(1).shardOf(key) != shared || other.equals(TOPIC)) {
            other = "other-" + controller.image().topics().size();
            PartitionKey candidate = PartitionKey.of(controller.createTopic(other, List.of(1), 1), 0);
            append(1, candidate, 0, 1);
            shared = nodes.get(1).shardOf(candidate);
        }
    }

    /** Turns one bit of a record where the log has it. */
    private void rot(int node, PartitionKey key, String value) throws Exception {
        Path log = Path.of(nodes.get(node).described(key).orElseThrow().directory())
                .resolve(key.topic() + "-" + key.partition())
                .resolve("00000000000000000000.log");
        byte[] bytes = Files.readAllBytes(log);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(value);
        assertThat(at).isPositive();
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(at);
            file.write(bytes[at] ^ 1);
        }
    }

    private void crash(int node) {
        nodes.remove(node).close();
        controller.fence(node, true);
    }

    /** Appends until each record is acknowledged, and once, as an idempotent producer does; each call is one. */
    private List<String> append(int leader, PartitionKey key, int from, int to) {
        List<String> sent = new ArrayList<>();
        long producerId = ++lastProducerId;
        for (int i = from; i < to; i++) {
            String value = "record " + i;
            int sequence = i - from;
            eventually(() -> nodes.get(leader)
                            .append(key, value, producerId, sequence, 30_000)
                            .error()
                    == Errors.NONE);
            sent.add(value);
        }
        return sent;
    }

    private boolean isAt(int node, PartitionKey key, long end) {
        return nodes.get(node)
                .described(key)
                .filter(it -> it.logEndOffset() == end && it.highWatermark() == end)
                .isPresent();
    }

    private static void eventually(BooleanSupplier condition) {
        Awaitility.await()
                .dontCatchUncaughtExceptions() // of another test, whose nodes stop while others still ask them
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(condition::getAsBoolean);
    }
}
