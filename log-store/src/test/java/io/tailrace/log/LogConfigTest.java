// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogConfigTest {

    @Test
    void theDefaultsAreKafkasButForTheSync() {
        LogConfig config = LogConfig.DEFAULT;

        assertThat(config.flush()).isEqualTo(new LogConfig.FlushConfig(1, Long.MAX_VALUE));
        assertThat(config.flush().syncsEveryBatch()).isTrue();
        assertThat(config.segments())
                .isEqualTo(new LogConfig.SegmentConfig(1 << 30, 604_800_000, 0, 10 << 20, 4096, 60_000, false));
        assertThat(config.retention()).isEqualTo(new LogConfig.RetentionConfig(true, 604_800_000, -1));
        assertThat(config.compaction())
                .isEqualTo(new LogConfig.CompactionConfig(false, 86_400_000, 0, Long.MAX_VALUE, 0.5));
        assertThat(config.records())
                .isEqualTo(new LogConfig.RecordConfig(
                        1_048_588, Integer.MAX_VALUE, TimestampType.CREATE_TIME, Long.MAX_VALUE, 3_600_000));
        assertThat(config.compression()).isEqualTo(new LogConfig.CompressionConfig("producer", -1, 9, 3));
        assertThat(config.replication()).isEqualTo(new LogConfig.ReplicationConfig(1, false));
    }

    @Test
    void parsesBothPolicies() {
        LogConfig config = LogConfig.from(Map.of("cleanup.policy", "compact,delete", "retention.ms", "-1"));

        assertThat(config.retention().deletes()).isTrue();
        assertThat(config.compaction().compacts()).isTrue();
        assertThat(config.retention().retentionMs()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "segment.bytes, 1000",
        "retention.ms, -2",
        "retention.ms, soon",
        "cleanup.policy, shred",
        "compression.type, brotli",
        "compression.gzip.level, 0",
        "compression.zstd.level, 23",
        "min.cleanable.dirty.ratio, 1.5",
        "message.timestamp.type, Always",
        "flush.messages, 0",
        "min.insync.replicas, 0"
    })
    void namesWhatIsWrong(String name, String value) {
        assertThatThrownBy(() -> LogConfig.from(Map.of(name, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(value);
    }

    @Test
    void refusesUnknownNamesAndLagsThatCross() {
        assertThatThrownBy(() -> LogConfig.from(Map.of("segment.byte", "1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("segment.byte");
        assertThatThrownBy(() -> LogConfig.from(Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "9")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("min.compaction.lag.ms");
    }
}
