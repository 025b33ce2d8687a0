// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static io.tailrace.broker.tools.NodeWithTools.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kafka-configs.sh} on every kind of resource; what is expected here was printed by it against Apache Kafka 4.3.1. */
class ConfigToolIT {

    @TempDir
    static Path dir;

    private static NodeWithTools node;

    @BeforeAll
    static void start() throws Exception {
        node = NodeWithTools.start(dir.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    @Test
    void topicConfigsAreSetShownAndDeleted() {
        ok("kafka-topics", "--create", "--topic", "conf");
        List<String> updated = List.of("Completed updating config for topic conf.");
        assertThat(topicConfig("--alter", "--add-config", "retention.ms=5000000,max.message.bytes=2000000"))
                .isEqualTo(updated);
        assertThat(topicConfig("--describe"))
                .containsExactly(
                        "Dynamic configs for topic conf are:",
                        "  max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000000, DEFAULT_CONFIG:message.max.bytes=1048588}",
                        "  retention.ms=5000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5000000}");
        assertThat(topicConfig("--alter", "--delete-config", "retention.ms,max.message.bytes"))
                .isEqualTo(updated);
        assertThat(topicConfig("--describe")).containsExactly("Dynamic configs for topic conf are:");
        assertThat(topicConfig("--describe", "--all"))
                .contains(
                        "All configs for topic conf are:",
                        "  cleanup.policy=delete sensitive=false synonyms={DEFAULT_CONFIG:log.cleanup.policy=delete}",
                        "  segment.bytes=1073741824 sensitive=false synonyms={DEFAULT_CONFIG:log.segment.bytes=1073741824}");
        String[] topic = {"--alter", "--entity-type", "topics", "--entity-name", "conf", "--add-config"};
        assertThat(failed("kafka-configs", with(topic, "foo=1")))
                .anyMatch(line -> line.endsWith("InvalidConfigurationException: Unknown topic config name: foo"));
        assertThat(failed("kafka-configs", with(topic, "retention.ms=abc")))
                .anyMatch(
                        line -> line.endsWith(
                                "InvalidConfigurationException: Invalid value abc for configuration retention.ms: Not a number of type LONG"));
    }

    @Test
    void nodeConfigsAreSetShownAndDeleted() {
        String[] one = {"--entity-type", "brokers", "--entity-name", "1"};
        String[] all = {"--entity-type", "brokers", "--entity-default"};
        String[] add = {"--alter", "--add-config", "log.retention.ms=80000000"};
        String[] delete = {"--alter", "--delete-config", "log.retention.ms"};
        assertThat(ok("kafka-configs", with(all, add)))
                .containsExactly("Completed updating default config for brokers in the cluster.");
        assertThat(ok("kafka-configs", with(one, add))).containsExactly("Completed updating config for broker 1.");
        assertThat(ok("kafka-configs", with(all, "--describe")))
                .containsExactly(
                        "Default configs for brokers in the cluster are:",
                        "  log.retention.ms=80000000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=80000000}");
        assertThat(ok("kafka-configs", with(one, "--describe"))).hasSize(2);
        ok("kafka-configs", with(one, delete));
        ok("kafka-configs", with(all, delete));
        assertThat(ok("kafka-configs", with(one, "--describe"))).containsExactly("Dynamic configs for broker 1 are:");
        assertThat(ok("kafka-configs", with(one, "--describe", "--all")))
                .contains("All configs for broker 1 are:")
                .anyMatch(line -> line.startsWith("  log.retention.hours=168 "));
        assertThat(ok("kafka-configs", "--describe", "--entity-type", "broker-loggers", "--entity-name", "1"))
                .anyMatch(line -> line.startsWith("  root="));
    }

    /** What Kafka refuses and in which words; what it stores without knowing it; and that a bad default reaches no log. */
    @Test
    void nodeConfigsAreJudgedAsKafkaJudgesThem() {
        String[] one = {"--entity-type", "brokers", "--entity-name", "1", "--alter"};
        String[] all = {"--entity-type", "brokers", "--entity-default", "--alter"};
        String invalid =
                "java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidRequestException: ";
        Map.of(
                        "log.cleanup.policy=foo",
                        "Invalid value foo for configuration log.cleanup.policy: String must be one of: compact, delete",
                        "message.max.bytes=-1",
                        "Invalid value -1 for configuration message.max.bytes: Value must be at least 0",
                        "log.retention.ms=0",
                        "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
                        "log.retention.ms=abc",
                        "Invalid value abc for configuration log.retention.ms: Not a number of type LONG",
                        "num.io.threads=0",
                        "Invalid value 0 for configuration num.io.threads: Value must be at least 1",
                        "node.id=2",
                        "Cannot update these configs dynamically: [node.id]",
                        "foo=1,node.id=2",
                        "Cannot update these configs dynamically: [node.id]")
                .forEach((setting, refusal) -> {
                    for (String[] where : List.of(one, all)) {
                        assertThat(failed("kafka-configs", with(where, "--add-config", setting)))
                                .contains(invalid + refusal);
                    }
                });

        ok("kafka-configs", with(one, "--add-config", "foo=1,num.io.threads=16,leader.replication.throttled.rate=5"));
        assertThat(ok("kafka-configs", "--entity-type", "brokers", "--entity-name", "1", "--describe"))
                .containsExactly(
                        "Dynamic configs for broker 1 are:",
                        "  foo=null sensitive=true synonyms={DYNAMIC_BROKER_CONFIG:foo=null}",
                        "  leader.replication.throttled.rate=5 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:leader.replication.throttled.rate=5}",
                        "  num.io.threads=16 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:num.io.threads=16}");
        // Twice, and what was never set: deleting what is not there is no mistake.
        for (String gone : List.of("foo,num.io.threads,leader.replication.throttled.rate", "foo", "bar", "node.id")) {
            assertThat(ok("kafka-configs", with(one, "--delete-config", gone)))
                    .containsExactly("Completed updating config for broker 1.");
            ok("kafka-configs", with(all, "--delete-config", gone));
        }
    }

    @Test
    void otherResourcesConfigsAreJudgedAsKafkaJudgesThem() {
        String[] loggers = {"--alter", "--entity-type", "broker-loggers", "--entity-name", "1"};
        assertThat(failed("kafka-configs", with(loggers, "--add-config", "no.such.logger=DEBUG")))
                .contains("Invalid broker logger(s): no.such.logger");
        assertThat(failed("kafka-configs", with(loggers, "--add-config", "root=LOUD")))
                .anyMatch(line -> line.endsWith("Cannot set the log level of root to LOUD as it is not a supported log "
                        + "level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN"));
        String[] group = {"--alter", "--entity-type", "groups", "--entity-name", "g"};
        assertThat(failed("kafka-configs", with(group, "--add-config", "foo=1")))
                .anyMatch(line -> line.endsWith("InvalidConfigurationException: Unknown group config name: foo"));
        String[] metrics = {"--alter", "--entity-type", "client-metrics", "--entity-name", "m"};
        assertThat(failed("kafka-configs", with(metrics, "--add-config", "foo=1")))
                .anyMatch(line -> line.endsWith("InvalidRequestException: Unknown client metrics configuration: foo"));
        String[] absent = {"--alter", "--entity-type", "topics", "--entity-name", "absent"};
        for (String change : List.of("--add-config", "--delete-config")) {
            assertThat(failed(
                            "kafka-configs",
                            with(absent, change, "retention.ms" + (change.contains("add") ? "=5" : ""))))
                    .anyMatch(line -> line.contains("UnknownTopicOrPartitionException"));
        }
    }

    private static List<String> topicConfig(String... args) {
        return ok("kafka-configs", with(new String[] {"--entity-type", "topics", "--entity-name", "conf"}, args));
    }

    private static List<String> ok(String tool, String... args) {
        return node.ok(tool, args);
    }

    private static List<String> failed(String tool, String... args) {
        return node.failed(tool, args);
    }
}
