// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The shipped file documents every key there is, with the defaults that the code has. */
class ConfFileTest {

    private static final int WIDTH = 110;

    @Test
    void documentsEveryKeyWithItsDefault() throws IOException {
        Golden.assertFile("conf/tailrace.properties", render());
    }

    @Test
    void changesNothingAsShipped() {
        BrokerConfig shipped = new ConfigLoader()
                .file(Golden.REPOSITORY.resolve("conf/tailrace.properties"))
                .load();
        assertThat(shipped.explicit()).isEmpty();
        assertThat(shipped.warnings()).isEmpty();
        assertThat(shipped).isEqualTo(BrokerConfig.defaults());
    }

    @Test
    void takesEveryDefaultAsAValue() {
        for (KnownKeys.Section section : KnownKeys.SECTIONS) {
            for (Key<?> key : section.keys()) {
                if (!key.fallback().isEmpty()) {
                    assertThat(BrokerConfig.of(Map.of(key.name(), key.fallback()))
                                    .explicit())
                            .as(key.name())
                            .containsEntry(key.name(), key.fallback());
                }
            }
        }
    }

    private static String render() {
        StringBuilder text = new StringBuilder();
        text.append(
                        "# Tailrace's configuration: every key there is, with its default. Remove the # before a key to set it.\n")
                .append(
                        "# Names and meanings are Apache Kafka's where Kafka has them; a Kafka server.properties works as it is.\n")
                .append("# A variable of the environment goes before this file: TAILRACE_LOG_DIRS sets log.dirs.\n")
                .append(
                        "# The command line goes before both: bin/tailrace start --override log.dirs=/var/lib/tailrace\n")
                .append("# This file is checked against the code by ConfFileTest.\n");
        for (KnownKeys.Section section : KnownKeys.SECTIONS) {
            text.append("\n#### ").append(section.title()).append("\n");
            for (Key<?> key : section.keys()) {
                text.append('\n');
                wrap(key.doc()).forEach(line -> text.append("# ").append(line).append('\n'));
                wrap("Value: " + key.allowed())
                        .forEach(line -> text.append("# ").append(line).append('\n'));
                text.append('#')
                        .append(key.name())
                        .append('=')
                        .append(key.fallback())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.replace("<code>", "").replace("</code>", "").split("\\s+")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
