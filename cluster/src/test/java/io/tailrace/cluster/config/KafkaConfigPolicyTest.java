// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.ConfigTarget.Kind;
import io.tailrace.cluster.metadata.Outcome;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Verdicts and, where a tool shows them, texts as Apache Kafka 4.3.1 gave them. */
class KafkaConfigPolicyTest {

    private static final ConfigSchema BROKER =
            ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef()
                    .define("node.id", Type.INT, Importance.HIGH, "This node.")
                    .define("group.consumer.min.session.timeout.ms", Type.INT, 45000, Importance.MEDIUM, "Least.")
                    .define("group.consumer.max.session.timeout.ms", Type.INT, 60000, Importance.MEDIUM, "Most."))));

    private final KafkaConfigPolicy policy = new KafkaConfigPolicy(BROKER, Map.of("log.cleanup.policy", "compact"));

    @Test
    void refusesATopicsUnknownKeyAndBadValues() {
        assertTopic("foo", "1", "Unknown topic config name: foo");
        assertTopic("retention.ms", "x", "Invalid value x for configuration retention.ms: Not a number of type LONG");
        assertTopic("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1");
        assertTopic(
                "cleanup.policy",
                "foo",
                "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete");
        assertTopic(
                "preallocate",
                "maybe",
                "Invalid value maybe for configuration preallocate: Expected value to be either true or false");
        assertTopic(
                "remote.storage.enable",
                "true",
                "Tiered Storage functionality is disabled in the broker. "
                        + "Topic cannot be configured with remote log storage.");
        assertTopic(
                "leader.replication.throttled.replicas",
                "a",
                "Invalid value [a] for configuration leader.replication.throttled.replicas: "
                        + "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the "
                        + "following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
    }

    @Test
    void takesABrokersUnknownKeyAsKafkaDoesUnlessItAsksForProtection() {
        ConfigTarget node = ConfigTarget.broker(1);
        assertThat(policy.check(node, Map.of("foo", "1"))).isEqualTo(Outcome.ok());
        assertThat(policy.check(ConfigTarget.brokerDefaults(), Map.of("plug.in.ssl", "1")))
                .isEqualTo(Outcome.ok());
        for (String name : List.of("ssl.client.auth", "listener.name.a.sasl.enabled.mechanisms", "super.users")) {
            assertThat(policy.check(node, Map.of(name, "x")))
                    .isEqualTo(Outcome.refused(Errors.INVALID_CONFIG, "Unknown broker config name: " + name));
        }
        assertThat(policy.check(node, Map.of("foo", "1", "node.id", "2")))
                .isEqualTo(
                        Outcome.refused(Errors.INVALID_REQUEST, "Cannot update these configs dynamically: [node.id]"));
    }

    @Test
    void takesWhatKafkaTakes() {
        for (var good : Map.of(
                        "retention.ms", "-1",
                        "segment.ms", " 100000 ",
                        "cleanup.policy", "compact,delete",
                        "leader.replication.throttled.replicas", "0:1,1:2",
                        "follower.replication.throttled.replicas", "*",
                        "remote.storage.enable", "false",
                        "min.insync.replicas", "2")
                .entrySet()) {
            assertThat(policy.check(ConfigTarget.topic("t"), Map.of(good.getKey(), good.getValue())))
                    .as(good.toString())
                    .isEqualTo(Outcome.ok());
        }
    }

    @Test
    void refusesValuesThatContradictEachOther() {
        Outcome outcome = policy.check(
                ConfigTarget.topic("t"), Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5"));
        assertThat(outcome)
                .isEqualTo(Outcome.refused(
                        Errors.INVALID_CONFIG,
                        "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"));
    }

    @Test
    void refusesABrokerKeyThatTakesARestart() {
        assertThat(policy.check(ConfigTarget.broker(1), Map.of("node.id", "5")))
                .isEqualTo(
                        Outcome.refused(Errors.INVALID_REQUEST, "Cannot update these configs dynamically: [node.id]"));
        assertThat(policy.check(ConfigTarget.brokerDefaults(), Map.of("log.retention.hours", "5"))
                        .error())
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(policy.check(ConfigTarget.broker(1), Map.of("log.segment.bytes", "1")))
                .isEqualTo(Outcome.refused(
                        Errors.INVALID_REQUEST,
                        "Invalid value 1 for configuration log.segment.bytes: Value must be at least 1048576"));
        assertThat(policy.check(ConfigTarget.broker(1), Map.of("log.retention.ms", "5")))
                .isEqualTo(Outcome.ok());
        assertThat(policy.check(ConfigTarget.broker(1), Map.of("leader.replication.throttled.rate", "5")))
                .isEqualTo(Outcome.ok());
    }

    @Test
    void checksWhatOnlyKafkaHasAndTakesIt() {
        for (var bad : Map.of(
                        "num.io.threads",
                        "Invalid value 0 for configuration num.io.threads: Value must be at least 1",
                        "leader.replication.throttled.rate",
                        "Invalid value abc for configuration leader.replication.throttled.rate: Not a number of type LONG",
                        "message.max.bytes",
                        "Invalid value -1 for configuration message.max.bytes: Value must be at least 0",
                        "log.retention.ms",
                        "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1")
                .entrySet()) {
            String value =
                    bad.getValue().startsWith("Invalid value ") ? bad.getValue().split(" ")[2] : "0";
            for (ConfigTarget target : List.of(ConfigTarget.broker(1), ConfigTarget.brokerDefaults())) {
                assertThat(policy.check(target, Map.of(bad.getKey(), value)))
                        .isEqualTo(Outcome.refused(Errors.INVALID_REQUEST, bad.getValue()));
            }
        }
        assertThat(policy.check(ConfigTarget.broker(1), Map.of("num.io.threads", "16", "log.retention.ms", "-1")))
                .isEqualTo(Outcome.ok());
    }

    @Test
    void holdsAGroupToItsNodesLimits() {
        assertGroup(
                Map.of("consumer.session.timeout.ms", "500"),
                "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms");
        assertGroup(
                Map.of("consumer.session.timeout.ms", "500000"),
                "consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms");
        assertGroup(Map.of("foo", "1"), "Unknown group config name: foo");
        assertGroup(
                Map.of("streams.session.timeout.ms", "5000"),
                "streams.session.timeout.ms must be greater than streams.heartbeat.interval.ms");
        assertThat(policy.check(ConfigTarget.group("g"), Map.of("consumer.session.timeout.ms", "50000")))
                .isEqualTo(Outcome.ok());
        assertThat(policy.check(ConfigTarget.group("g"), Map.of("share.auto.offset.reset", "by_duration:PT1H")))
                .isEqualTo(Outcome.ok());
        assertThat(policy.check(ConfigTarget.group("g"), Map.of("share.auto.offset.reset", "x"))
                        .error())
                .isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void checksClientMetricsSubscriptions() {
        ConfigTarget target = new ConfigTarget(Kind.CLIENT_METRICS, "x");
        assertThat(policy.check(target, Map.of("interval.ms", "1")))
                .isEqualTo(Outcome.refused(
                        Errors.INVALID_REQUEST,
                        "Invalid value 1 for interval.ms, interval must be between 100 and 3600000 (1 hour)"));
        assertThat(policy.check(target, Map.of("match", "foo")))
                .isEqualTo(Outcome.refused(Errors.INVALID_CONFIG, "Illegal client matching pattern: foo"));
        assertThat(policy.check(target, Map.of("match", "client_id=a.*", "metrics", "a,b")))
                .isEqualTo(Outcome.ok());
    }

    @Test
    void appendingStartsFromTheNodesDefault() {
        assertThat(policy.isList(Kind.TOPIC, "cleanup.policy")).isTrue();
        assertThat(policy.isList(Kind.TOPIC, "retention.ms")).isFalse();
        assertThat(policy.isList(Kind.BROKER, "log.cleanup.policy")).isTrue();
        assertThat(policy.defaultValue(Kind.TOPIC, "cleanup.policy")).contains("compact");
        assertThat(policy.defaultValue(Kind.BROKER, "log.cleanup.policy")).contains("compact");
        assertThat(policy.defaultValue(Kind.TOPIC, "leader.replication.throttled.replicas"))
                .contains("");
        assertThat(policy.defaultValue(Kind.TOPIC, "foo")).isEmpty();
    }

    private void assertTopic(String key, String value, String message) {
        assertThat(policy.check(ConfigTarget.topic("t"), Map.of(key, value)))
                .isEqualTo(Outcome.refused(Errors.INVALID_CONFIG, message));
    }

    private void assertGroup(Map<String, String> configs, String message) {
        assertThat(policy.check(ConfigTarget.group("g"), configs))
                .isEqualTo(Outcome.refused(Errors.INVALID_CONFIG, message));
    }
}
