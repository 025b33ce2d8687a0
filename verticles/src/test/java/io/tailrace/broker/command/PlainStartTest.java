// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is read without picocli is read as picocli would have read it. */
final class PlainStartTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "start",
                "start -o log.dirs=mine",
                "start --override log.dirs=mine",
                "start -c node.properties",
                "start --config conf/server.properties -o node.id=2 --override listeners=PLAINTEXT://0.0.0.0:9092",
                "start -o a=1 -o a=2",
                "start -o advertised.listeners=A://h:1,B://h:2",
                "start -o empty=",
                "start -o key=a=b"
            })
    void readsPlainWordsAsPicocliDoes(String line) {
        ConfigOptions plain = PlainStart.read(line.split(" ")).orElseThrow();
        ConfigOptions parsed = new ConfigOptions();
        String[] words = line.split(" ");
        new CommandLine(new Words(parsed))
                .parseArgs(List.of(words).subList(1, words.length).toArray(new String[0]));
        assertThat(plain.overrides()).isEqualTo(parsed.overrides());
        assertThat(plain.file()).isEqualTo(parsed.file());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "help",
                "version",
                "start --help",
                "start -h",
                "start -o",
                "start -o key",
                "start -o =value",
                "start -o --help",
                "start -okey=value",
                "start --override=key=value",
                "start -c a -c b",
                "start -o @words",
                "start -o 'key=value'",
                "start words",
                "start more words",
                "START"
            })
    void leavesAllElseToPicocli(String line) {
        assertThat(PlainStart.read(line.split(" "))).isEmpty();
    }

    @CommandLine.Command
    private static final class Words {
        @CommandLine.Mixin
        private final ConfigOptions options;

        Words(ConfigOptions options) {
            this.options = options;
        }
    }
}
