// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.config.BrokerConfig;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's table of APIs is what a running node tells its clients. */
final class ApiTableTest {

    /** Length, key 18, version 0, correlation id 1, no client id. */
    private static final byte[] API_VERSIONS = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};

    @TempDir
    Path dir;

    @Test
    void readmeListsWhatANodeAdvertises() throws Exception {
        Broker broker = Broker.start(
                        BrokerConfig.of(Map.of("listeners", "PLAINTEXT://127.0.0.1:0", "log.dirs", dir.toString())))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        try {
            ApiVersionsResponseData told = ask(broker.ports().getOrDefault("PLAINTEXT", 0));
            assertThat(told.apiKeys()).isNotEmpty();
            Golden.assertSection("README.md", "apis", table(told));
        } finally {
            broker.stop().toCompletionStage().toCompletableFuture().get();
        }
    }

    private static String table(ApiVersionsResponseData told) {
        return told.apiKeys().stream()
                .map(ApiTableTest::row)
                .collect(Collectors.joining("", "\n| key | API | versions |\n|---:|---|---|\n", "\n"));
    }

    private static String row(ApiVersion api) {
        return "| " + api.apiKey() + " | " + ApiKeys.forId(api.apiKey()).name + " | " + api.minVersion() + " to "
                + api.maxVersion() + " |\n";
    }

    private static ApiVersionsResponseData ask(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(API_VERSIONS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteBuffer frame = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            assertThat(frame.getInt()).isEqualTo(1);
            return new ApiVersionsResponseData(new ByteBufferAccessor(frame), (short) 0);
        }
    }
}
