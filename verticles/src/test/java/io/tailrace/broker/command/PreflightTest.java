// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreflightTest {

    @TempDir
    Path dir;

    @Test
    void refusesAPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String listener = "PLAINTEXT://127.0.0.1:" + taken.getLocalPort();
            BrokerConfig config = BrokerConfig.of(Map.of("listeners", listener));
            assertThatThrownBy(() -> Preflight.check(config))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(listener)
                    .hasMessageContaining("--override listeners=");
        }
    }

    @Test
    void warnsOfAListenerThatOthersCanReachAndOfNoneElse() {
        String outside = "is reachable from outside this machine";
        assertThat(Preflight.check(BrokerConfig.of(Map.of("listeners", "PLAINTEXT://0.0.0.0:0"))))
                .anyMatch(warning -> warning.contains(outside));
        assertThat(Preflight.check(BrokerConfig.of(Map.of("listeners", "PLAINTEXT://localhost:0"))))
                .noneMatch(warning -> warning.contains(outside));
    }

    @Test
    void refusesTooFewOpenFilesAndWarnsOfFew() {
        List<String> warnings = new ArrayList<>();
        assertThatThrownBy(() -> Preflight.descriptors(1_024, warnings))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("1024")
                .hasMessageContaining("4096");
        Preflight.descriptors(65_536, warnings);
        assertThat(warnings).isEmpty();
        Preflight.descriptors(20_000, warnings);
        assertThat(warnings).hasSize(1);
    }

    @Test
    void readsTheSoftLimitAsLinuxTellsIt() throws IOException {
        Path limits = dir.resolve("limits");
        Files.writeString(
                limits,
                """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             95000                95000                processes
                Max open files            20000                524288               files
                """);
        assertThat(Preflight.openFiles(limits)).hasValue(20_000);
        Files.writeString(limits, "Max open files            unlimited            unlimited            files\n");
        assertThat(Preflight.openFiles(limits)).isEmpty();
        assertThat(Preflight.openFiles(dir.resolve("missing"))).isEmpty();
    }
}
