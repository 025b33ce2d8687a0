// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import io.tailrace.broker.tools.KafkaTools.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node in this process, and Kafka's tools at work on it. */
final class NodeWithTools implements AutoCloseable {

    private static final Path TOOLS = Path.of("target", "kafka-tools");

    final KafkaTools tools;
    private final BrokerFixture node;

    private NodeWithTools(BrokerFixture node, KafkaTools tools) {
        this.node = node;
        this.tools = tools;
    }

    static NodeWithTools start(Path data) throws Exception {
        return new NodeWithTools(BrokerFixture.start(data), KafkaTools.start(TOOLS));
    }

    String address() {
        return node.address();
    }

    int port() {
        return node.port();
    }

    /** What the tool prints when it succeeds, which it must. */
    List<String> ok(String tool, String... args) {
        return ended(0, tools.run(tool, on(args)));
    }

    /** What the tool prints when it fails, which it must. */
    List<String> failed(String tool, String... args) {
        return ended(1, tools.run(tool, on(args)));
    }

    static List<String> ended(int code, Result result) {
        assertThat(result.code()).as(result.printed()).isEqualTo(code);
        return result.lines();
    }

    String[] on(String... args) {
        return with(new String[] {"--bootstrap-server", address()}, args);
    }

    static String[] with(String[] first, String... then) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(then));
        return all.toArray(String[]::new);
    }

    @Override
    public void close() throws IOException {
        tools.close();
        node.close();
    }
}
