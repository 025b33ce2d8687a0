// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;

/**
 * The settings of one topic, parsed and checked, grouped by who reads them. Names, meanings and defaults are Kafka's but
 * for {@code flush.messages}, which is 1 here: a batch counts when it is on disk (the design's durability section). {@link
 * TopicSettings} has every name with its default, range and description.
 *
 * <p>Immutable. A changed topic gets a new instance: {@code LogConfig.from(overrides)} with the broker's defaults already
 * merged into the map, or one of the {@code with…} methods.
 */
public record LogConfig(
        SegmentConfig segments,
        FlushConfig flush,
        RetentionConfig retention,
        CompactionConfig compaction,
        RecordConfig records,
        CompressionConfig compression,
        ReplicationConfig replication) {

    /** The settings of a topic that sets nothing. */
    public static final LogConfig DEFAULT = from(Map.of());

    /**
     * When a segment is full, and its indexes.
     *
     * @param segmentBytes roll before a segment grows beyond this
     * @param segmentMs roll when the first record of the segment is older than this; where the topic is compacted, at most {@code
     *     max.compaction.lag.ms}, as only what is sealed is compacted
     * @param segmentJitterMs at most this much is taken off {@code segmentMs}, so that segments do not roll all at once
     * @param indexBytes the greatest size of an index; roll when it is full
     * @param indexIntervalBytes one index entry for about this many bytes of log
     * @param fileDeleteDelayMs how long a deleted segment's files stay for readers that still hold them
     * @param preallocated whether a new segment takes its full size on disk at once
     */
    public record SegmentConfig(
            int segmentBytes,
            long segmentMs,
            long segmentJitterMs,
            int indexBytes,
            int indexIntervalBytes,
            long fileDeleteDelayMs,
            boolean preallocated) {}

    /**
     * When appended records are synced to disk.
     *
     * @param messages sync after this many records; 1 syncs, by group commit, before a batch counts
     * @param intervalMs sync after this long; {@link Long#MAX_VALUE} never
     */
    public record FlushConfig(long messages, long intervalMs) {

        /** Whether a batch counts towards acks and high watermark only when it is on disk. */
        public boolean syncsEveryBatch() {
            return messages == 1;
        }
    }

    /**
     * When old segments go.
     *
     * @param deletes whether {@code cleanup.policy} has {@code delete}
     * @param retentionMs delete segments whose newest record is older; -1 never
     * @param retentionBytes delete the oldest segments while the rest is at least this; negative never
     */
    public record RetentionConfig(boolean deletes, long retentionMs, long retentionBytes) {}

    /**
     * When and how the cleaner keeps only the newest record of each key.
     *
     * @param compacts whether {@code cleanup.policy} has {@code compact}
     * @param deleteRetentionMs how long tombstones and transaction markers outlive the pass that could drop them
     * @param minLagMs records younger than this stay as they are
     * @param maxLagMs a log with an uncompacted record older than this is compacted however clean it is
     * @param minDirtyRatio compact when this share of the log is not compacted yet
     */
    public record CompactionConfig(
            boolean compacts, long deleteRetentionMs, long minLagMs, long maxLagMs, double minDirtyRatio) {}

    /**
     * What may be appended.
     *
     * @param maxBatchBytes {@code max.message.bytes}: the greatest batch, as compressed by its producer
     * @param maxDecompressedRecordBytes {@code max.decompressed.message.bytes}: the greatest single record after
     *     decompression
     * @param timestampType who gives the timestamp
     * @param timestampBeforeMaxMs how far a producer's timestamp may lie in the past
     * @param timestampAfterMaxMs how far it may lie in the future
     */
    public record RecordConfig(
            int maxBatchBytes,
            int maxDecompressedRecordBytes,
            TimestampType timestampType,
            long timestampBeforeMaxMs,
            long timestampAfterMaxMs) {

        public boolean usesLogAppendTime() {
            return timestampType == TimestampType.LOG_APPEND_TIME;
        }

        public boolean limitsTimestamps() {
            return timestampBeforeMaxMs != Long.MAX_VALUE || timestampAfterMaxMs != Long.MAX_VALUE;
        }
    }

    /**
     * How batches are stored.
     *
     * @param type {@code producer} (as they came), {@code uncompressed}, or a codec's name
     * @param gzipLevel 1 to 9, or -1 for the codec's default
     * @param lz4Level 1 to 17
     * @param zstdLevel -131072 to 22
     */
    public record CompressionConfig(String type, int gzipLevel, int lz4Level, int zstdLevel) {

        /** Whether batches stay as their producer compressed them. */
        public boolean isProducer() {
            return type.equals("producer");
        }
    }

    /**
     * What replication and elections ask of the topic.
     *
     * @param minInSyncReplicas acks=all is refused with fewer
     * @param uncleanElection whether a replica that may lack records can be made leader
     */
    public record ReplicationConfig(int minInSyncReplicas, boolean uncleanElection) {}

    public LogConfig {
        Objects.requireNonNull(segments);
        Objects.requireNonNull(flush);
        Objects.requireNonNull(retention);
        Objects.requireNonNull(compaction);
        Objects.requireNonNull(records);
        Objects.requireNonNull(compression);
        Objects.requireNonNull(replication);
    }

    /**
     * Parses topic settings; what is not named takes its default.
     *
     * @throws ConfigException if a name is unknown or a value not allowed; the message has the name, the value and what is
     *     allowed
     */
    public static LogConfig from(Map<String, String> settings) {
        return parse(TopicSettings.checked(settings));
    }

    private static LogConfig parse(AbstractConfig c) {
        List<String> policies = c.getList(TopicConfig.CLEANUP_POLICY_CONFIG);
        Integer internalSegmentBytes = c.getInt(TopicSettings.INTERNAL_SEGMENT_BYTES);
        return new LogConfig(
                new SegmentConfig(
                        internalSegmentBytes != null
                                ? internalSegmentBytes
                                : c.getInt(TopicConfig.SEGMENT_BYTES_CONFIG),
                        policies.contains(TopicConfig.CLEANUP_POLICY_COMPACT)
                                ? Math.min(
                                        c.getLong(TopicConfig.SEGMENT_MS_CONFIG),
                                        c.getLong(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG))
                                : c.getLong(TopicConfig.SEGMENT_MS_CONFIG),
                        c.getLong(TopicConfig.SEGMENT_JITTER_MS_CONFIG),
                        c.getInt(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG),
                        c.getInt(TopicConfig.INDEX_INTERVAL_BYTES_CONFIG),
                        c.getLong(TopicConfig.FILE_DELETE_DELAY_MS_CONFIG),
                        c.getBoolean(TopicConfig.PREALLOCATE_CONFIG)),
                new FlushConfig(
                        c.getLong(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG), c.getLong(TopicConfig.FLUSH_MS_CONFIG)),
                new RetentionConfig(
                        policies.contains(TopicConfig.CLEANUP_POLICY_DELETE),
                        c.getLong(TopicConfig.RETENTION_MS_CONFIG),
                        c.getLong(TopicConfig.RETENTION_BYTES_CONFIG)),
                new CompactionConfig(
                        policies.contains(TopicConfig.CLEANUP_POLICY_COMPACT),
                        c.getLong(TopicConfig.DELETE_RETENTION_MS_CONFIG),
                        c.getLong(TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG),
                        c.getLong(TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG),
                        c.getDouble(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG)),
                new RecordConfig(
                        c.getInt(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                        c.getInt(TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_CONFIG),
                        TimestampType.forName(c.getString(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)),
                        c.getLong(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG),
                        c.getLong(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG)),
                new CompressionConfig(
                        c.getString(TopicConfig.COMPRESSION_TYPE_CONFIG),
                        c.getInt(TopicConfig.COMPRESSION_GZIP_LEVEL_CONFIG),
                        c.getInt(TopicConfig.COMPRESSION_LZ4_LEVEL_CONFIG),
                        c.getInt(TopicConfig.COMPRESSION_ZSTD_LEVEL_CONFIG)),
                new ReplicationConfig(
                        c.getInt(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG),
                        c.getBoolean(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG)));
    }

    public LogConfig withSegments(SegmentConfig changed) {
        return new LogConfig(changed, flush, retention, compaction, records, compression, replication);
    }

    public LogConfig withFlush(FlushConfig changed) {
        return new LogConfig(segments, changed, retention, compaction, records, compression, replication);
    }

    public LogConfig withRetention(RetentionConfig changed) {
        return new LogConfig(segments, flush, changed, compaction, records, compression, replication);
    }

    public LogConfig withCompaction(CompactionConfig changed) {
        return new LogConfig(segments, flush, retention, changed, records, compression, replication);
    }

    public LogConfig withRecords(RecordConfig changed) {
        return new LogConfig(segments, flush, retention, compaction, changed, compression, replication);
    }

    public LogConfig withCompression(CompressionConfig changed) {
        return new LogConfig(segments, flush, retention, compaction, records, changed, replication);
    }

    public LogConfig withReplication(ReplicationConfig changed) {
        return new LogConfig(segments, flush, retention, compaction, records, compression, changed);
    }
}
