// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.junit.jupiter.api.Test;

/** Descriptions as Apache Kafka 4.3.1 gave them for the same settings. */
class ConfigDescriptionsTest {

    private static final ConfigSchema BROKER =
            ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef()
                    .define("node.id", Type.INT, Importance.HIGH, "This node.")
                    .define("ssl.key.password", Type.PASSWORD, null, Importance.HIGH, "A secret."))));

    private static final ConfigLayers NODE = new ConfigLayers(
            BROKER,
            Map.of("log.retention.ms", "77"),
            Map.of("log.retention.ms", "78", "min.insync.replicas", "2"),
            Map.of("log.retention.hours", "100", "log.segment.bytes", "1073741824", "node.id", "1"));

    private static final ConfigLayers PLAIN = ConfigLayers.ofStatics(BROKER, Map.of("log.retention.hours", "100"));

    @Test
    void tellsEveryKeyOfATopicWhetherSetOrNot() {
        assertThat(ConfigDescriptions.topic(PLAIN, Map.of()))
                .hasSameSizeAs(TopicConfigs.SCHEMA.publicKeys())
                .allSatisfy(config -> assertThat(config.documentation()).isNotEmpty())
                .noneSatisfy(config -> assertThat(config.name()).startsWith("internal."));
    }

    @Test
    void listsWhereATopicsValueIsSetMostDecisiveFirst() {
        assertThat(topic(NODE, Map.of("retention.ms", " 5 "), "retention.ms"))
                .isEqualTo("retention.ms=5 TOPIC [retention.ms=5 TOPIC, log.retention.ms=77 DYNAMIC_BROKER, "
                        + "log.retention.ms=78 DYNAMIC_DEFAULT_BROKER, log.retention.hours=100 STATIC_BROKER, "
                        + "log.retention.hours=168 DEFAULT]");
        assertThat(topic(NODE, Map.of(), "segment.bytes"))
                .isEqualTo("segment.bytes=1073741824 STATIC_BROKER [log.segment.bytes=1073741824 STATIC_BROKER, "
                        + "log.segment.bytes=1073741824 DEFAULT]");
        assertThat(topic(NODE, Map.of(), "min.insync.replicas"))
                .isEqualTo("min.insync.replicas=2 DYNAMIC_DEFAULT_BROKER "
                        + "[min.insync.replicas=2 DYNAMIC_DEFAULT_BROKER, min.insync.replicas=1 DEFAULT]");
        assertThat(topic(NODE, Map.of(), "remote.storage.enable")).isEqualTo("remote.storage.enable=false DEFAULT []");
        assertThat(topic(NODE, Map.of(), "cleanup.policy"))
                .isEqualTo("cleanup.policy=delete DEFAULT [log.cleanup.policy=delete DEFAULT]");
    }

    @Test
    void keepsKafkasSilenceOnSynonymsInOtherUnits() {
        assertThat(topic(PLAIN, Map.of(), "retention.ms")).isEqualTo("retention.ms=360000000 DEFAULT []");
        assertThat(broker(PLAIN, "log.retention.ms")).isEqualTo("log.retention.ms=null DEFAULT []");
        assertThat(broker(PLAIN, "log.retention.hours"))
                .isEqualTo("log.retention.hours=100 STATIC_BROKER [log.retention.hours=100 STATIC_BROKER, "
                        + "log.retention.hours=168 DEFAULT]");
    }

    @Test
    void tellsWhatTakesARestart() {
        assertThat(find(ConfigDescriptions.broker(NODE), "node.id").readOnly()).isTrue();
        assertThat(find(ConfigDescriptions.broker(NODE), "log.retention.hours").readOnly())
                .isTrue();
        assertThat(find(ConfigDescriptions.broker(NODE), "log.retention.ms").readOnly())
                .isFalse();
        assertThat(find(ConfigDescriptions.topic(NODE, Map.of()), "retention.ms")
                        .readOnly())
                .isFalse();
    }

    @Test
    void tellsWhatOnlyKafkaHasIfItIsSetAndHidesWhatNobodyKnows() {
        ConfigLayers node = new ConfigLayers(
                BROKER, Map.of("num.io.threads", "16", "foo", "1", "node.id", "1"), Map.of(), Map.of());

        assertThat(broker(node, "num.io.threads"))
                .isEqualTo("num.io.threads=16 DYNAMIC_BROKER [num.io.threads=16 DYNAMIC_BROKER]");
        assertThat(find(ConfigDescriptions.broker(node), "num.io.threads").readOnly())
                .isFalse();
        assertThat(broker(node, "foo")).isEqualTo("foo=null DYNAMIC_BROKER [foo=null DYNAMIC_BROKER]");
        assertThat(find(ConfigDescriptions.broker(node), "foo").readOnly()).isTrue();
        assertThat(ConfigDescriptions.broker(PLAIN))
                .extracting(DescribedConfig::name)
                .doesNotContain("num.io.threads");
    }

    @Test
    void neverTellsASecret() {
        ConfigLayers node = ConfigLayers.ofStatics(BROKER, Map.of("ssl.key.password", "hunter2"));
        DescribedConfig config = find(ConfigDescriptions.broker(node), "ssl.key.password");
        assertThat(config.sensitive()).isTrue();
        assertThat(print(config))
                .isEqualTo("ssl.key.password=null STATIC_BROKER [ssl.key.password=null STATIC_BROKER]");
    }

    @Test
    void theClusterWideDefaultsAreOnlyWhatWasSet() {
        assertThat(ConfigDescriptions.brokerDefaults(NODE))
                .extracting(ConfigDescriptionsTest::print)
                .containsExactly(
                        "log.retention.ms=78 DYNAMIC_DEFAULT_BROKER [log.retention.ms=78 DYNAMIC_DEFAULT_BROKER]",
                        "min.insync.replicas=2 DYNAMIC_DEFAULT_BROKER [min.insync.replicas=2 DYNAMIC_DEFAULT_BROKER]");
    }

    @Test
    void aGroupInheritsFromItsNode() {
        List<DescribedConfig> group = ConfigDescriptions.group(NODE, Map.of("consumer.session.timeout.ms", "50000"));
        assertThat(print(find(group, "consumer.session.timeout.ms")))
                .isEqualTo("consumer.session.timeout.ms=50000 GROUP [consumer.session.timeout.ms=50000 GROUP, "
                        + "group.consumer.session.timeout.ms=45000 DEFAULT]");
        assertThat(print(find(group, "share.auto.offset.reset")))
                .isEqualTo("share.auto.offset.reset=latest DEFAULT [share.auto.offset.reset=latest DEFAULT]");
        assertThat(group).hasSize(17);
    }

    private static String topic(ConfigLayers layers, Map<String, String> overrides, String name) {
        return print(find(ConfigDescriptions.topic(layers, overrides), name));
    }

    private static String broker(ConfigLayers layers, String name) {
        return print(find(ConfigDescriptions.broker(layers), name));
    }

    private static DescribedConfig find(List<DescribedConfig> all, String name) {
        return all.stream()
                .filter(config -> config.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String print(DescribedConfig config) {
        return config.name() + "=" + config.value() + " " + config.source() + " "
                + config.synonyms().stream()
                        .map(set -> set.name() + "=" + set.value() + " " + set.source())
                        .collect(Collectors.joining(", ", "[", "]"));
    }
}
