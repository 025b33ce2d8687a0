// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sarama and franz-go, unchanged, against a node. Sarama asks for what the version of Kafka has that it is told, 2.8 by default, whatever the
 * broker offers; franz-go for the newest that both know. Go has to be installed; the clients come from its module proxy, as go.sum pins them.
 */
@Tag("foreign-clients")
@Timeout(600)
final class GoClientsIT {

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() throws Exception {
        ForeignTools.require(dir, "go", "version");
        ForeignTools.buildGo(dir);
        node = BrokerFixture.start(dir.resolve("data"), "num.partitions", "1");
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "none, 2.8.0",
        "gzip, 2.8.0",
        "snappy, 2.8.0",
        "lz4, 2.8.0",
        "zstd, 2.8.0",
        "none, 2.1.0",
        "lz4, 4.3.1",
        "zstd, 4.3.1"
    })
    void saramaReadsWhatItWroteAndAdministers(String codec, String version) throws Exception {
        assertThat(run("sarama", "sarama-" + codec + "-" + version, codec, version))
                .isEqualTo("ok 105\n");
    }

    @ParameterizedTest
    @CsvSource({"none, classic", "gzip, classic", "snappy, classic", "lz4, classic", "zstd, classic", "zstd, consumer"})
    void franzGoReadsWhatItWroteAloneAndInAGroup(String codec, String protocol) throws Exception {
        assertThat(run("franz", "franz-" + codec + "-" + protocol, codec, protocol))
                .isEqualTo("ok 105\n");
    }

    private static String run(String program, String... args) throws Exception {
        String[] command = new String[args.length + 2];
        command[0] = ForeignTools.GO.resolve(program + ".bin").toString();
        command[1] = node.address();
        System.arraycopy(args, 0, command, 2, args.length);
        return ForeignTools.run(dir, dir, command);
    }
}
