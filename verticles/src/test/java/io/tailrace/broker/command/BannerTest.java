// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What can be typed off the banner works on the machine that shows it. */
final class BannerTest {

    @Test
    void tellsThePortsThatTheSystemChose() {
        assertThat(banner(Map.of("listeners", "PLAINTEXT://127.0.0.1:0", "http.port", "0")))
                .contains(
                        "  Kafka   127.0.0.1:31092\n",
                        "kcat -b 127.0.0.1:31092 -t",
                        "  Web     http://localhost:31080/\n");
    }

    @Test
    void tellsWhatClientsAreTold() {
        assertThat(banner(Map.of(
                        "listeners", "PLAINTEXT://0.0.0.0:9092", "advertised.listeners", "PLAINTEXT://node1:29092")))
                .contains("  Kafka   node1:29092\n", "kcat -b node1:29092 -t");
    }

    @Test
    void namesNoAddressThatNobodyCanDial() {
        assertThat(banner(Map.of("listeners", "PLAINTEXT://:0", "http.host", "0.0.0.0")))
                .contains("  Kafka   localhost:31092\n", "  Web     http://localhost:31080/\n")
                .doesNotContain("0.0.0.0");
        assertThat(banner(Map.of("listeners", "PLAINTEXT://[::1]:0", "http.host", "::1")))
                .contains("  Kafka   [::1]:31092\n", "  Web     http://[::1]:31080/\n");
    }

    private static String banner(Map<String, String> values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Banner.print(
                BrokerConfig.of(values),
                Map.of("PLAINTEXT", 31092, Broker.HTTP, 31080),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
