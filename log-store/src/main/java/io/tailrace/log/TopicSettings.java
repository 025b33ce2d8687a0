// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.DOUBLE;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The table of topic settings: name, type, default, range, importance and Kafka's description of each. The admin APIs
 * describe topics from it; {@link LogConfig} is its parsed form.
 *
 * <p>Settings of Kafka's that this broker does not act upon (tiered storage, replication throttles) are not in the table
 * and so are refused as unknown: a topic is never silently less than what was asked for.
 */
public final class TopicSettings {

    /** Kafka's way around the least {@code segment.bytes} of 1 MiB, for tests; hidden from descriptions. */
    public static final String INTERNAL_SEGMENT_BYTES = "internal.segment.bytes";

    private static final long WEEK_MS = TimeUnit.DAYS.toMillis(7);

    private static final ConfigDef DEFINITION = segments(records(cleanup(replication(new ConfigDef()))));

    private TopicSettings() {}

    /** The table itself; shared, not to be changed. */
    public static ConfigDef definition() {
        return DEFINITION;
    }

    /**
     * Checks names, values and how they fit together.
     *
     * @throws ConfigException with the name, the value and what is allowed
     */
    public static AbstractConfig checked(Map<String, String> settings) {
        for (String name : settings.keySet()) {
            if (!DEFINITION.names().contains(name)) {
                throw new ConfigException("Unknown topic config name: " + name);
            }
        }
        var config = new AbstractConfig(DEFINITION, settings, false);
        long minLagMs = config.getLong(TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG);
        long maxLagMs = config.getLong(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG);
        if (minLagMs > maxLagMs) {
            throw new ConfigException(
                    TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                    minLagMs,
                    "must not be greater than " + TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG + " (" + maxLagMs + ")");
        }
        return config;
    }

    private static ConfigDef segments(ConfigDef def) {
        return def.define(
                        TopicConfig.SEGMENT_BYTES_CONFIG,
                        INT,
                        1 << 30,
                        atLeast(1 << 20),
                        MEDIUM,
                        TopicConfig.SEGMENT_BYTES_DOC)
                .define(TopicConfig.SEGMENT_MS_CONFIG, LONG, WEEK_MS, atLeast(1), MEDIUM, TopicConfig.SEGMENT_MS_DOC)
                .define(
                        TopicConfig.SEGMENT_JITTER_MS_CONFIG,
                        LONG,
                        0,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.SEGMENT_JITTER_MS_DOC)
                .define(
                        TopicConfig.SEGMENT_INDEX_BYTES_CONFIG,
                        INT,
                        10 << 20,
                        atLeast(4),
                        MEDIUM,
                        TopicConfig.SEGMENT_INDEX_BYTES_DOC)
                .define(
                        TopicConfig.INDEX_INTERVAL_BYTES_CONFIG,
                        INT,
                        4096,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.INDEX_INTERVAL_BYTES_DOC)
                .define(
                        TopicConfig.FILE_DELETE_DELAY_MS_CONFIG,
                        LONG,
                        TimeUnit.MINUTES.toMillis(1),
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.FILE_DELETE_DELAY_MS_DOC)
                .define(TopicConfig.PREALLOCATE_CONFIG, BOOLEAN, false, MEDIUM, TopicConfig.PREALLOCATE_DOC)
                .define(
                        TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG,
                        LONG,
                        1,
                        atLeast(1),
                        MEDIUM,
                        TopicConfig.FLUSH_MESSAGES_INTERVAL_DOC)
                .define(TopicConfig.FLUSH_MS_CONFIG, LONG, Long.MAX_VALUE, atLeast(0), MEDIUM, TopicConfig.FLUSH_MS_DOC)
                .defineInternal(INTERNAL_SEGMENT_BYTES, INT, null, LOW);
    }

    private static ConfigDef records(ConfigDef def) {
        return def.define(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        INT,
                        (1 << 20) + 12,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.MAX_MESSAGE_BYTES_DOC)
                .define(
                        TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_CONFIG,
                        INT,
                        Integer.MAX_VALUE,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_DOC)
                .define(
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        STRING,
                        "CreateTime",
                        ValidString.in("CreateTime", "LogAppendTime"),
                        MEDIUM,
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_DOC)
                .define(
                        TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                        LONG,
                        Long.MAX_VALUE,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_DOC)
                .define(
                        TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                        LONG,
                        TimeUnit.HOURS.toMillis(1),
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_DOC)
                .define(
                        TopicConfig.COMPRESSION_TYPE_CONFIG,
                        STRING,
                        "producer",
                        ValidString.in("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
                        MEDIUM,
                        TopicConfig.COMPRESSION_TYPE_DOC)
                .define(
                        TopicConfig.COMPRESSION_GZIP_LEVEL_CONFIG,
                        INT,
                        -1,
                        ConfigDef.LambdaValidator.with(TopicSettings::checkGzipLevel, () -> "[1,...,9] or -1"),
                        MEDIUM,
                        TopicConfig.COMPRESSION_GZIP_LEVEL_DOC)
                .define(
                        TopicConfig.COMPRESSION_LZ4_LEVEL_CONFIG,
                        INT,
                        9,
                        between(1, 17),
                        MEDIUM,
                        TopicConfig.COMPRESSION_LZ4_LEVEL_DOC)
                .define(
                        TopicConfig.COMPRESSION_ZSTD_LEVEL_CONFIG,
                        INT,
                        3,
                        between(-131072, 22),
                        MEDIUM,
                        TopicConfig.COMPRESSION_ZSTD_LEVEL_DOC);
    }

    private static ConfigDef cleanup(ConfigDef def) {
        return def.define(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        LIST,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        ConfigDef.ValidList.in(TopicConfig.CLEANUP_POLICY_COMPACT, TopicConfig.CLEANUP_POLICY_DELETE),
                        MEDIUM,
                        TopicConfig.CLEANUP_POLICY_DOC)
                .define(
                        TopicConfig.RETENTION_MS_CONFIG,
                        LONG,
                        WEEK_MS,
                        atLeast(-1),
                        MEDIUM,
                        TopicConfig.RETENTION_MS_DOC)
                .define(TopicConfig.RETENTION_BYTES_CONFIG, LONG, -1, MEDIUM, TopicConfig.RETENTION_BYTES_DOC)
                .define(
                        TopicConfig.DELETE_RETENTION_MS_CONFIG,
                        LONG,
                        TimeUnit.DAYS.toMillis(1),
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.DELETE_RETENTION_MS_DOC)
                .define(
                        TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                        LONG,
                        0,
                        atLeast(0),
                        MEDIUM,
                        TopicConfig.MIN_COMPACTION_LAG_MS_DOC)
                .define(
                        TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
                        LONG,
                        Long.MAX_VALUE,
                        atLeast(1),
                        MEDIUM,
                        TopicConfig.MAX_COMPACTION_LAG_MS_DOC)
                .define(
                        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                        DOUBLE,
                        0.5,
                        between(0, 1),
                        MEDIUM,
                        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_DOC);
    }

    private static ConfigDef replication(ConfigDef def) {
        return def.define(
                        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                        INT,
                        1,
                        atLeast(1),
                        HIGH,
                        TopicConfig.MIN_IN_SYNC_REPLICAS_DOC)
                .define(
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        BOOLEAN,
                        false,
                        MEDIUM,
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_DOC);
    }

    private static void checkGzipLevel(String name, Object value) {
        int level = (Integer) value;
        if (level != -1 && (level < 1 || level > 9)) {
            throw new ConfigException(name, value, "must be -1, or from 1 to 9");
        }
    }
}
