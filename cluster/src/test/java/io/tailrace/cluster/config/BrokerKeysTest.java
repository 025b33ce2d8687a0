// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

/** The derived broker keys have the defaults of Apache Kafka 4.3.1, but for the one that makes Tailrace durable. */
class BrokerKeysTest {

    private static final ConfigDef KEYS =
            BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef()));

    @Test
    void theLastOfSeveralUnitsCarriesTheDefault() {
        Map<String, Object> defaults = KEYS.defaultValues();
        assertThat(defaults)
                .containsEntry("log.retention.ms", null)
                .containsEntry("log.retention.minutes", null)
                .containsEntry("log.retention.hours", 168)
                .containsEntry("log.roll.ms", null)
                .containsEntry("log.roll.hours", 168)
                .containsEntry("log.roll.jitter.ms", null)
                .containsEntry("log.roll.jitter.hours", 0)
                .containsEntry("log.flush.interval.ms", null)
                .containsEntry("log.flush.scheduler.interval.ms", Long.MAX_VALUE);
    }

    @Test
    void aLoneSynonymIsLikeItsTopicKey() {
        assertThat(KEYS.defaultValues())
                .containsEntry("log.segment.bytes", 1 << 30)
                .containsEntry("message.max.bytes", 1048588)
                .containsEntry("log.flush.interval.messages", 1L)
                .containsEntry("min.insync.replicas", 1)
                .containsEntry("group.consumer.session.timeout.ms", 45_000)
                .containsEntry("group.streams.num.standby.replicas", 0);
    }

    @Test
    void checksAValueInTheTopicKeysUnit() {
        assertThat(KEYS.parse(Map.of("log.roll.hours", "1"))).containsEntry("log.roll.hours", 1);
        assertThat(KEYS.parse(Map.of("log.retention.minutes", "-1"))).containsEntry("log.retention.minutes", -1);
        assertThatThrownBy(() -> KEYS.parse(Map.of("log.roll.hours", "0"))).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> KEYS.parse(Map.of("log.segment.bytes", "1")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("Invalid value 1 for configuration log.segment.bytes: Value must be at least 1048576");
    }

    @Test
    void everySynonymIsAKey() {
        Map<String, String> unknown = new HashMap<>();
        TopicConfigs.SCHEMA
                .publicKeys()
                .forEach(key -> TopicConfigs.SCHEMA.synonyms(key.name).forEach(synonym -> {
                    if (!KEYS.names().contains(synonym.name())) {
                        unknown.put(key.name, synonym.name());
                    }
                }));
        assertThat(unknown).isEmpty();
    }

    @Test
    void convertsHoursAndMinutesButLeavesUnlimitedAlone() {
        assertThat(BrokerSynonym.hours("h").toTopicValue("2")).isEqualTo("7200000");
        assertThat(BrokerSynonym.minutes("m").toTopicValue("2")).isEqualTo("120000");
        assertThat(BrokerSynonym.hours("h").toTopicValue("-1")).isEqualTo("-1");
    }
}
