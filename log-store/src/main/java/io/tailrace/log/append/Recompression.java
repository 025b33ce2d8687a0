// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.LogConfig.CompressionConfig;
import io.tailrace.log.append.PreparedAppend.Ready;
import io.tailrace.log.append.PreparedAppend.Rejected;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Writes a batch anew with the codec its topic asks for, checking its records on the way. */
final class Recompression {

    private Recompression() {}

    static PreparedAppend rewrite(
            RecordBatchView view, CompressionType codec, AppendTerms terms, DecompressionLimits limits) {
        boolean appendTime = terms.config().records().usesLogAppendTime();
        var scan = new RecordScan(terms);
        try (MemoryRecordsBuilder target = builder(view, codec, terms)) {
            Rejected unreadable = RecordWalk.over(view, terms, limits, false, (batch, record) -> {
                int at = target.numRecords();
                scan.accept(batch, record);
                if (!scan.hasErrors()) {
                    target.appendWithOffset(terms.nextOffset() + at, record);
                }
            });
            Rejected rejected = unreadable != null ? unreadable : scan.verdict();
            if (rejected != null) {
                return rejected;
            }
            ByteBuffer batches = target.build().buffer();
            long lastOffset = terms.nextOffset() + target.numRecords() - 1;
            long maxTimestamp = appendTime ? terms.nowMs() : scan.maxTimestamp();
            return new Ready(
                    batches,
                    terms.nextOffset(),
                    lastOffset,
                    maxTimestamp,
                    lastOffset,
                    1,
                    appendTime ? terms.nowMs() : -1);
        }
    }

    private static MemoryRecordsBuilder builder(RecordBatchView view, CompressionType codec, AppendTerms terms) {
        boolean appendTime = terms.config().records().usesLogAppendTime();
        return new MemoryRecordsBuilder(
                new ByteBufferOutputStream(Math.max(view.sizeInBytes(), 512)),
                view.magic(),
                compression(codec, terms.config().compression()),
                appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
                terms.nextOffset(),
                appendTime ? terms.nowMs() : -1,
                view.producerId(),
                view.producerEpoch(),
                view.baseSequence(),
                view.isTransactional(),
                false,
                terms.leaderEpoch(),
                Integer.MAX_VALUE);
    }

    private static Compression compression(CompressionType codec, CompressionConfig config) {
        return switch (codec) {
            case NONE -> Compression.NONE;
            case SNAPPY -> Compression.snappy().build();
            case GZIP ->
                config.gzipLevel() == -1
                        ? Compression.gzip().build()
                        : Compression.gzip().level(config.gzipLevel()).build();
            case LZ4 -> Compression.lz4().level(config.lz4Level()).build();
            case ZSTD -> Compression.zstd().level(config.zstdLevel()).build();
        };
    }
}
