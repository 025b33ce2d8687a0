// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static io.tailrace.cluster.config.BrokerSynonym.hours;
import static io.tailrace.cluster.config.BrokerSynonym.minutes;
import static io.tailrace.cluster.config.BrokerSynonym.same;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.TopicConfig.*;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.log.LogConfig;
import io.tailrace.log.TopicSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/**
 * Everything that may be configured on a topic, in Kafka's names and with Kafka's meaning.
 *
 * <p>What the log acts on is the log's own table, {@link TopicSettings}. Added here are the broker keys that give each topic key its default,
 * from which {@link BrokerKeys} derives those broker keys, so that the two cannot come apart; and the few keys that concern other parts.
 *
 * <p><b>Where Tailrace differs from Kafka.</b> {@code flush.messages} defaults to 1, not to "never": a batch counts when it is on disk. A
 * topic or a broker opts out by setting a larger number. Tiered storage is not there: its keys are known, so that tools that copy
 * configurations work, but {@code remote.storage.enable=true} is refused ({@link KafkaConfigPolicy}).
 */
public final class TopicConfigs {

    public static final String LEADER_THROTTLED_REPLICAS_CONFIG = "leader.replication.throttled.replicas";
    public static final String FOLLOWER_THROTTLED_REPLICAS_CONFIG = "follower.replication.throttled.replicas";

    /** Taken instead of a limit derived from {@code retention.ms} or {@code retention.bytes}. */
    private static final long AS_RETENTION = -2;

    /** By topic key; the most decisive broker key first, and the one that carries the default last. */
    private static final Map<String, List<BrokerSynonym>> SYNONYMS = Map.ofEntries(
            from(SEGMENT_BYTES_CONFIG, same("log.segment.bytes")),
            from(SEGMENT_MS_CONFIG, same("log.roll.ms"), hours("log.roll.hours")),
            from(SEGMENT_JITTER_MS_CONFIG, same("log.roll.jitter.ms"), hours("log.roll.jitter.hours")),
            from(SEGMENT_INDEX_BYTES_CONFIG, same("log.index.size.max.bytes")),
            from(INDEX_INTERVAL_BYTES_CONFIG, same("log.index.interval.bytes")),
            from(FLUSH_MESSAGES_INTERVAL_CONFIG, same("log.flush.interval.messages")),
            from(FLUSH_MS_CONFIG, same("log.flush.interval.ms"), same("log.flush.scheduler.interval.ms")),
            from(PREALLOCATE_CONFIG, same("log.preallocate")),
            from(FILE_DELETE_DELAY_MS_CONFIG, same("log.segment.delete.delay.ms")),
            from(CLEANUP_POLICY_CONFIG, same("log.cleanup.policy")),
            from(RETENTION_BYTES_CONFIG, same("log.retention.bytes")),
            from(
                    RETENTION_MS_CONFIG,
                    same("log.retention.ms"),
                    minutes("log.retention.minutes"),
                    hours("log.retention.hours")),
            from(DELETE_RETENTION_MS_CONFIG, same("log.cleaner.delete.retention.ms")),
            from(MIN_CLEANABLE_DIRTY_RATIO_CONFIG, same("log.cleaner.min.cleanable.ratio")),
            from(MIN_COMPACTION_LAG_MS_CONFIG, same("log.cleaner.min.compaction.lag.ms")),
            from(MAX_COMPACTION_LAG_MS_CONFIG, same("log.cleaner.max.compaction.lag.ms")),
            from(MAX_MESSAGE_BYTES_CONFIG, same("message.max.bytes")),
            from(COMPRESSION_TYPE_CONFIG, same(COMPRESSION_TYPE_CONFIG)),
            from(COMPRESSION_GZIP_LEVEL_CONFIG, same(COMPRESSION_GZIP_LEVEL_CONFIG)),
            from(COMPRESSION_LZ4_LEVEL_CONFIG, same(COMPRESSION_LZ4_LEVEL_CONFIG)),
            from(COMPRESSION_ZSTD_LEVEL_CONFIG, same(COMPRESSION_ZSTD_LEVEL_CONFIG)),
            from(MESSAGE_TIMESTAMP_TYPE_CONFIG, same("log.message.timestamp.type")),
            from(MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, same("log.message.timestamp.before.max.ms")),
            from(MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, same("log.message.timestamp.after.max.ms")),
            from(MIN_IN_SYNC_REPLICAS_CONFIG, same(MIN_IN_SYNC_REPLICAS_CONFIG)),
            from(UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, same(UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG)),
            from(LOCAL_LOG_RETENTION_MS_CONFIG, same("log.local.retention.ms")),
            from(LOCAL_LOG_RETENTION_BYTES_CONFIG, same("log.local.retention.bytes")));

    public static final ConfigSchema SCHEMA = schema();

    private TopicConfigs() {}

    /** A copy of the definitions. */
    public static ConfigDef definition() {
        return SCHEMA.definition();
    }

    /**
     * What a topic's log must do: its own configuration over its node's.
     *
     * @param layers of the node that has the log
     */
    public static LogConfig logConfig(ConfigLayers layers, Map<String, String> overrides) {
        Map<String, String> settings = new HashMap<>();
        for (ConfigKey key : TopicSettings.definition().configKeys().values()) {
            String value = layers.value(SCHEMA, key, overrides);
            if (value != null) {
                settings.put(key.name, value);
            }
        }
        return LogConfig.from(settings);
    }

    /**
     * What the log of one topic must do on one node as an image has it; to be asked again with each new image.
     *
     * @param broker the keys the node knows
     * @param statics from the node's properties, only what the operator wrote
     */
    public static LogConfig logConfig(
            ClusterImage image, String topic, int nodeId, ConfigSchema broker, Map<String, String> statics) {
        return logConfig(ConfigLayers.of(image, nodeId, broker, statics), image.configs(ConfigTarget.topic(topic)));
    }

    private static Map.Entry<String, List<BrokerSynonym>> from(String name, BrokerSynonym... synonyms) {
        return Map.entry(name, List.of(synonyms));
    }

    private static ConfigSchema schema() {
        return ConfigSchema.builder(TopicSettings.definition())
                .define(
                        LEADER_THROTTLED_REPLICAS_CONFIG,
                        LIST,
                        List.of(),
                        ThrottledReplicas.VALIDATOR,
                        "Replicas whose replication is throttled on the leader's side, as partition:node pairs; * is all of them.")
                .define(
                        FOLLOWER_THROTTLED_REPLICAS_CONFIG,
                        LIST,
                        List.of(),
                        ThrottledReplicas.VALIDATOR,
                        "Replicas whose replication is throttled on the follower's side, as partition:node pairs; * is all of them.")
                .define(REMOTE_LOG_STORAGE_ENABLE_CONFIG, BOOLEAN, false, null, REMOTE_LOG_STORAGE_ENABLE_DOC)
                .define(REMOTE_LOG_COPY_DISABLE_CONFIG, BOOLEAN, false, null, REMOTE_LOG_COPY_DISABLE_DOC)
                .define(REMOTE_LOG_DELETE_ON_DISABLE_CONFIG, BOOLEAN, false, null, REMOTE_LOG_DELETE_ON_DISABLE_DOC)
                .define(
                        LOCAL_LOG_RETENTION_MS_CONFIG,
                        LONG,
                        AS_RETENTION,
                        atLeast(AS_RETENTION),
                        LOCAL_LOG_RETENTION_MS_DOC)
                .define(
                        LOCAL_LOG_RETENTION_BYTES_CONFIG,
                        LONG,
                        AS_RETENTION,
                        atLeast(AS_RETENTION),
                        LOCAL_LOG_RETENTION_BYTES_DOC)
                .synonyms(SYNONYMS)
                .build();
    }
}
