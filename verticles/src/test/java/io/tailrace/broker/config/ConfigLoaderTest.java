// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {

    @TempDir
    private Path folder;

    @Test
    void letsTheCommandLineGoBeforeTheEnvironmentBeforeTheFileBeforeTheDefaults() throws IOException {
        Path file = file("num.partitions=2\ngroup.max.size=5\nnode.id=3\n");
        BrokerConfig config = new ConfigLoader()
                .file(file)
                .environment(Map.of("TAILRACE_NUM_PARTITIONS", "4", "TAILRACE_GROUP_MAX_SIZE", "6"))
                .overrides(Map.of("num.partitions", "8"))
                .load();
        assertThat(config.topics().partitions()).isEqualTo(8);
        assertThat(config.groups().maxSize()).isEqualTo(6);
        assertThat(config.node().id()).isEqualTo(3);
        assertThat(config.fetch().sessions()).isEqualTo(1000);
    }

    @Test
    void refusesAnUnknownKeyAndSaysWhichWasMeant() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("num.partition", "3")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "num.partition from --override: there is no such key; did you mean num.partitions?");
    }

    @Test
    void refusesABadValueAndSaysWhatIsAllowed() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("num.partitions", "0")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "num.partitions = \"0\" from --override: must be a whole number of partitions, 1 or more");
    }

    @Test
    void namesEveryProblemAtOnce() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("node.id", "x", "num.partitions", "-1")))
                .hasMessageContaining("node.id")
                .hasMessageContaining("num.partitions");
    }

    @Test
    void refusesAnUnknownVariableOfItsOwnPrefixOnly() {
        assertThatThrownBy(() -> new ConfigLoader()
                        .environment(Map.of("TAILRACE_LOG_DIR_S", "x", "HOME", "y"))
                        .load())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TAILRACE_LOG_DIR_S")
                .hasMessageNotContaining("HOME");
    }

    @Test
    void takesAKafkaServerPropertiesAsItIs() throws IOException {
        BrokerConfig config = new ConfigLoader()
                .file(
                        file(
                                """
                        process.roles=broker,controller
                        node.id=1
                        controller.quorum.bootstrap.servers=localhost:9093
                        listeners=PLAINTEXT://:9092
                        inter.broker.listener.name=PLAINTEXT
                        advertised.listeners=PLAINTEXT://localhost:9092
                        controller.listener.names=CONTROLLER
                        num.network.threads=3
                        num.io.threads=8
                        socket.send.buffer.bytes=102400
                        socket.request.max.bytes=104857600
                        log.dirs=/var/lib/kafka
                        num.partitions=1
                        num.recovery.threads.per.data.dir=2
                        offsets.topic.replication.factor=1
                        transaction.state.log.min.isr=1
                        log.retention.hours=24
                        log.segment.bytes=1073741824
                        log.retention.check.interval.ms=300000
                        """))
                .load();
        assertThat(config.topics().defaults())
                .containsEntry("retention.ms", Long.toString(24L * 60 * 60 * 1000))
                .containsEntry("segment.bytes", "1073741824");
        assertThat(config.warnings())
                .anySatisfy(line -> assertThat(line).startsWith("process.roles from "))
                .anySatisfy(line -> assertThat(line).startsWith("num.io.threads from "))
                .hasSize(8);
    }

    @Test
    void warnsOfAPreallocationThatIsNotDone() {
        assertThat(BrokerConfig.of(Map.of("log.preallocate", "true")).warnings())
                .singleElement()
                .asString()
                .startsWith("log.preallocate does nothing");
        assertThat(BrokerConfig.of(Map.of("log.preallocate", "false")).warnings())
                .isEmpty();
    }

    @Test
    void refusesToStartOpenWhereProtectionIsAskedFor() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("authorizer.class.name", "x")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("access control is not there yet");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("server.properties"), text);
    }
}
