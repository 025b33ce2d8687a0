// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.LogConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

class TopicConfigsTest {

    /** Name, type, default and allowed values as Apache Kafka 4.3.1 has them; flush.messages is 1 here, where Kafka never flushes. */
    private static final String KAFKA =
            """
            cleanup.policy LIST delete [compact, delete]
            compression.gzip.level INT -1 [1,...,9] or -1
            compression.lz4.level INT 9 [1,...,17]
            compression.type STRING producer [uncompressed, zstd, lz4, snappy, gzip, producer]
            compression.zstd.level INT 3 [-131072,...,22]
            delete.retention.ms LONG 86400000 [0,...]
            file.delete.delay.ms LONG 60000 [0,...]
            flush.messages LONG 1 [1,...]
            flush.ms LONG 9223372036854775807 [0,...]
            follower.replication.throttled.replicas LIST  [partitionId]:[brokerId],[partitionId]:[brokerId],...
            index.interval.bytes INT 4096 [0,...]
            leader.replication.throttled.replicas LIST  [partitionId]:[brokerId],[partitionId]:[brokerId],...
            local.retention.bytes LONG -2 [-2,...]
            local.retention.ms LONG -2 [-2,...]
            max.compaction.lag.ms LONG 9223372036854775807 [1,...]
            max.message.bytes INT 1048588 [0,...]
            message.timestamp.after.max.ms LONG 3600000 [0,...]
            message.timestamp.before.max.ms LONG 9223372036854775807 [0,...]
            message.timestamp.type STRING CreateTime [CreateTime, LogAppendTime]
            min.cleanable.dirty.ratio DOUBLE 0.5 [0,...,1]
            min.compaction.lag.ms LONG 0 [0,...]
            min.insync.replicas INT 1 [1,...]
            preallocate BOOLEAN false null
            remote.log.copy.disable BOOLEAN false null
            remote.log.delete.on.disable BOOLEAN false null
            remote.storage.enable BOOLEAN false null
            retention.bytes LONG -1 null
            retention.ms LONG 604800000 [-1,...]
            segment.bytes INT 1073741824 [1048576,...]
            segment.index.bytes INT 10485760 [4,...]
            segment.jitter.ms LONG 0 [0,...]
            segment.ms LONG 604800000 [1,...]
            unclean.leader.election.enable BOOLEAN false null
            """;

    /** Newer than 4.3.1. */
    private static final List<String> NEWER = List.of("max.decompressed.message.bytes");

    private static final ConfigSchema BROKER = ConfigSchema.of(BrokerKeys.defineTopicDefaults(new ConfigDef()));

    @Test
    void hasKafkasKeysTypesDefaultsAndLimits() {
        String ours = TopicConfigs.SCHEMA.publicKeys().stream()
                .filter(key -> !NEWER.contains(key.name))
                .map(key -> "%s %s %s %s"
                        .formatted(key.name, key.type, ConfigSchema.printDefault(key), key.validator)
                        .strip())
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(ours).isEqualTo(KAFKA);
    }

    @Test
    void aLogTakesTheTopicsOwnValueThenTheNodesThenTheDefault() {
        ConfigLayers layers = ConfigLayers.ofStatics(
                BROKER,
                Map.of("log.retention.hours", "2", "log.segment.bytes", "2097152", "log.cleanup.policy", "compact"));
        LogConfig config = TopicConfigs.logConfig(layers, Map.of("segment.bytes", "4194304"));
        assertThat(config.segments().segmentBytes()).isEqualTo(4194304);
        assertThat(config.retention().retentionMs()).isEqualTo(7_200_000);
        assertThat(config.compaction().compacts()).isTrue();
        assertThat(config.retention().deletes()).isFalse();
        assertThat(config.flush().syncsEveryBatch()).isTrue();
    }

    @Test
    void aLogFollowsWhatIsSetAtRunTimeBeforeThePropertiesFile() {
        ConfigLayers layers = new ConfigLayers(
                BROKER,
                Map.of("log.retention.ms", "1"),
                Map.of("log.retention.ms", "2", "log.flush.interval.messages", "10"),
                Map.of("log.retention.ms", "3", "log.flush.interval.messages", "30"));
        LogConfig config = TopicConfigs.logConfig(layers, Map.of());
        assertThat(config.retention().retentionMs()).isEqualTo(1);
        assertThat(config.flush().messages()).isEqualTo(10);
    }

    @Test
    void aLogTakesTheSegmentSizeForTestsHoweverSmall() {
        LogConfig config = TopicConfigs.logConfig(
                ConfigLayers.ofStatics(BROKER, Map.of()), Map.of("internal.segment.bytes", "100"));
        assertThat(config.segments().segmentBytes()).isEqualTo(100);
    }

    @Test
    void millisecondsGoBeforeMinutesAndMinutesBeforeHours() {
        Map<String, String> statics =
                Map.of("log.retention.hours", "1", "log.retention.minutes", "2", "log.retention.ms", "3");
        assertThat(retentionMs(statics)).isEqualTo(3);
        assertThat(retentionMs(Map.of("log.retention.hours", "1", "log.retention.minutes", "2")))
                .isEqualTo(120_000);
        assertThat(retentionMs(Map.of("log.retention.hours", "-1"))).isEqualTo(-1);
    }

    private static long retentionMs(Map<String, String> statics) {
        return TopicConfigs.logConfig(ConfigLayers.ofStatics(BROKER, statics), Map.of())
                .retention()
                .retentionMs();
    }
}
