// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.FreePorts;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.cluster.bus.PartitionKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes' log shards, copying from each other by real sockets. */
class LinkCopyingTest {

    private static final List<Integer> NODES = List.of(1, 2, 3);
    private static final int LARGE_BYTES = 900_000;
    private static final long PATIENCE_MS = 60_000;

    @TempDir
    private Path directory;

    private final TestController controller = new TestController();
    private final TreeMap<Integer, TestNode> nodes = new TreeMap<>();

    @AfterEach
    void stop() {
        nodes.values().forEach(TestNode::close);
    }

    /** Stops each node while the others' fetches wait at it; one that cannot fails the test. */
    @RepeatedTest(5)
    void recordsOfAnySizeAreCopiedAndEachNodeStopsWhileOthersAskIt() throws IOException {
        Map<Integer, PeerAddress> addresses = new TreeMap<>();
        for (int node : NODES) {
            addresses.put(node, new PeerAddress("127.0.0.1", FreePorts.one()));
        }
        for (int node : NODES) {
            TestNode started = new TestNode(node, directory.resolve("node-" + node), controller);
            nodes.put(node, started);
            started.join(addresses);
        }
        List<PartitionKey> keys = new ArrayList<>();
        for (int leader : NODES) {
            keys.add(PartitionKey.of(
                    controller.createTopic(
                            "led-by-" + leader, List.of(leader, leader % 3 + 1, (leader + 1) % 3 + 1), 2),
                    0));
        }
        for (int i = 0; i < 10; i++) {
            for (int leader : NODES) {
                String value = i % 5 == 4 ? "x".repeat(LARGE_BYTES) : "value " + i;
                assertThat(nodes.get(leader)
                                .append(keys.get(leader - 1), value, PATIENCE_MS)
                                .error())
                        .isEqualTo(Errors.NONE);
            }
        }
        for (PartitionKey key : keys) {
            Awaitility.await().atMost(Duration.ofMillis(PATIENCE_MS)).until(() -> nodes.values().stream()
                    .allMatch(node -> node.described(key)
                            .filter(it -> it.logEndOffset() == 10)
                            .isPresent()));
        }
        for (int node : NODES) {
            nodes.remove(node).close();
        }
    }
}
