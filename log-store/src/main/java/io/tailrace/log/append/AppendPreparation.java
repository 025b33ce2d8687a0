// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.AppendOrigin;
import io.tailrace.log.LogConfig;
import io.tailrace.log.append.PreparedAppend.OutOfPlace;
import io.tailrace.log.append.PreparedAppend.Ready;
import io.tailrace.log.append.PreparedAppend.Rejected;
import io.tailrace.protocol.record.BatchChecks;
import io.tailrace.protocol.record.BatchVerdict;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of an append into bytes that may be written, or says why not.
 *
 * <p><b>What is led here</b> (client, coordinator): each batch is checked (framing, magic, CRC-32C, count, size, who may send
 * control batches), then gets offsets, leader epoch and, where the topic says so, the log append time, all in the bytes at
 * hand. On this path no record is looked at and nothing is copied: one object is allocated for an append, and the CRC is read
 * once over the bytes.
 *
 * <p>Records are only gone through ({@link RecordScan}) when the topic demands it: it is compacted and so needs keys, limits
 * how old timestamps may be, or the batch's greatest timestamp is itself out of range, and the client is to be told which
 * records. They are only rewritten ({@link Recompression}) when the topic wants another codec than the producer's.
 *
 * <p>So the count of records and the greatest timestamp are taken from the header, under the producer's CRC. Kafka decompresses
 * every batch to verify them; a producer that lies about them harms the readers of the topic it may write to, no one else.
 *
 * <p><b>What is replicated</b> keeps its offsets, epochs and times. It is checked for integrity and order; gaps are fine, they
 * are what compaction leaves; a torn batch at the end is cut off, as fetches are cut by size.
 *
 * <p>The zstd rule for old request versions is the produce API's. Sequences are the business of {@code ProducerStates}, to be
 * asked next. Not thread-safe: one instance for each shard.
 */
public final class AppendPreparation {

    private final DecompressionLimits limits;
    private final RecordBatchView batch = new RecordBatchView();

    public AppendPreparation(DecompressionLimits limits) {
        this.limits = limits;
    }

    /**
     * Checks and assigns the batches from position to limit of {@code records}. The bytes may be changed even if the outcome
     * is not {@link Ready}; position and limit are not.
     */
    public PreparedAppend prepare(ByteBuffer records, AppendTerms terms) {
        try {
            return terms.isReplicated() ? replicated(records, terms) : led(records, terms);
        } finally {
            batch.clear();
        }
    }

    private PreparedAppend led(ByteBuffer records, AppendTerms terms) {
        PreparedAppend rejected = checkFraming(records, terms);
        if (rejected != null) {
            return rejected;
        }
        long offset = terms.nextOffset();
        var summary = new Summary();
        batch.over(records);
        while (batch.next()) {
            PreparedAppend refused = checkLed(terms);
            if (refused != null) {
                return refused;
            }
            if (needsRewriting(terms.config())) {
                return summary.batches == 0 && !batch.hasRemainder()
                        ? rewritten(terms)
                        : Rejected.of(Errors.INVALID_RECORD, "several batches cannot be recompressed at once");
            }
            if (needsScan(terms)) {
                RecordScan scan = RecordScan.of(batch, terms, limits);
                if (scan.rejected() != null) {
                    return scan.rejected();
                }
                if (!scan.isConsecutive()) {
                    return Rejected.of(Errors.INVALID_RECORD, "the offsets of the records have gaps");
                }
                batch.setMaxTimestamp(batch.timestampType(), scan.maxTimestamp());
            }
            assign(terms, offset);
            summary.add(batch);
            offset = batch.nextOffset();
        }
        return summary.ready(records, terms.nextOffset(), offset - 1, appendTime(terms));
    }

    private @Nullable PreparedAppend checkFraming(ByteBuffer records, AppendTerms terms) {
        if (!records.hasRemaining()) {
            return Rejected.of(Errors.INVALID_RECORD, "there is no record batch");
        }
        int count = 0;
        int position = records.position();
        while (position < records.limit()) {
            BatchVerdict framing = BatchChecks.framing(records, position, records.limit());
            if (framing != BatchVerdict.VALID) {
                return Rejected.of(framing);
            }
            position += batch.at(records, position).sizeInBytes();
            count++;
        }
        if (terms.origin() == AppendOrigin.CLIENT && count != 1) {
            return Rejected.of(
                    Errors.INVALID_RECORD,
                    "produce requests hold exactly one record batch for a partition, not " + count);
        }
        int bytes = records.remaining();
        int segmentBytes = terms.config().segments().segmentBytes();
        return bytes <= segmentBytes
                ? null
                : Rejected.of(
                        Errors.RECORD_LIST_TOO_LARGE,
                        "the append has " + bytes + " bytes, a segment at most " + segmentBytes);
    }

    private @Nullable PreparedAppend checkLed(AppendTerms terms) {
        Rejected tooLarge = checkSize(batch.sizeInBytes(), terms.config());
        if (tooLarge != null) {
            return tooLarge;
        }
        BatchVerdict verdict = BatchChecks.produced(batch);
        if (verdict != BatchVerdict.VALID) {
            return Rejected.of(verdict);
        }
        if (terms.origin() != AppendOrigin.CLIENT) {
            return null;
        }
        if (batch.isControl()) {
            return Rejected.of(Errors.INVALID_RECORD, "clients are not allowed to write control records");
        }
        if (batch.hasProducerId() && batch.baseSequence() < 0) {
            return Rejected.of(
                    Errors.INVALID_RECORD,
                    "sequence " + batch.baseSequence() + " of producer " + batch.producerId() + " is invalid");
        }
        if (batch.isTransactional() && !batch.hasProducerId()) {
            return Rejected.of(Errors.INVALID_RECORD, "a transactional batch needs a producer id");
        }
        if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            return Rejected.of(Errors.INVALID_TIMESTAMP, "producers must not set the timestamp type to LogAppendTime");
        }
        return null;
    }

    private static @Nullable Rejected checkSize(int bytes, LogConfig config) {
        int max = config.records().maxBatchBytes();
        return bytes <= max
                ? null
                : Rejected.of(
                        Errors.MESSAGE_TOO_LARGE,
                        "the record batch has " + bytes + " bytes, max.message.bytes is " + max);
    }

    /** Control batches stay as they are, so that anyone can read them. */
    private boolean needsRewriting(LogConfig config) {
        return !config.compression().isProducer() && !batch.isControl() && batch.compression() != codec(config);
    }

    private static CompressionType codec(LogConfig config) {
        String type = config.compression().type();
        return type.equals("uncompressed") ? CompressionType.NONE : CompressionType.forName(type);
    }

    private boolean needsScan(AppendTerms terms) {
        if (batch.isControl()) {
            return false;
        }
        LogConfig.RecordConfig records = terms.config().records();
        if (terms.config().compaction().compacts()) {
            return true;
        }
        if (records.usesLogAppendTime()) {
            return false;
        }
        return records.timestampBeforeMaxMs() != Long.MAX_VALUE
                || batch.maxTimestamp() - terms.nowMs() > records.timestampAfterMaxMs();
    }

    private void assign(AppendTerms terms, long offset) {
        batch.setBaseOffset(offset);
        batch.setPartitionLeaderEpoch(terms.leaderEpoch());
        if (terms.config().records().usesLogAppendTime()) {
            batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, terms.nowMs());
        }
    }

    private PreparedAppend rewritten(AppendTerms terms) {
        PreparedAppend outcome = Recompression.rewrite(batch, codec(terms.config()), terms, limits);
        if (!(outcome instanceof Ready ready)) {
            return outcome;
        }
        Rejected tooLarge = checkSize(ready.batches().remaining(), terms.config());
        return tooLarge == null ? ready : tooLarge;
    }

    private static long appendTime(AppendTerms terms) {
        return terms.config().records().usesLogAppendTime() ? terms.nowMs() : -1;
    }

    private PreparedAppend replicated(ByteBuffer records, AppendTerms terms) {
        long firstOffset = -1;
        long expected = terms.nextOffset();
        var summary = new Summary();
        batch.over(records);
        while (batch.next()) {
            BatchVerdict verdict = BatchChecks.integrity(batch);
            if (verdict != BatchVerdict.VALID) {
                return Rejected.of(Errors.CORRUPT_MESSAGE, verdict.message());
            }
            if (batch.baseOffset() < expected) {
                return new OutOfPlace(expected, batch.baseOffset(), batch.lastOffset());
            }
            if (terms.leaderEpoch() >= 0 && batch.partitionLeaderEpoch() > terms.leaderEpoch()) {
                return Rejected.of(
                        Errors.UNKNOWN_LEADER_EPOCH,
                        "a batch is of leader epoch " + batch.partitionLeaderEpoch() + ", only " + terms.leaderEpoch()
                                + " is known");
            }
            firstOffset = summary.batches == 0 ? batch.baseOffset() : firstOffset;
            summary.add(batch);
            expected = batch.nextOffset();
        }
        if (summary.batches == 0) {
            BatchVerdict framing = BatchChecks.framing(records, records.position(), records.limit());
            return framing == BatchVerdict.VALID || framing == BatchVerdict.TRUNCATED
                    ? Rejected.of(Errors.INVALID_RECORD, "there is no whole record batch")
                    : Rejected.of(Errors.CORRUPT_MESSAGE, framing.message());
        }
        ByteBuffer whole = batch.hasRemainder() ? records.duplicate().limit(batch.nextPosition()) : records;
        return summary.ready(whole, firstOffset, expected - 1, -1);
    }

    /** What an append's batches have in common, collected while they pass. */
    private static final class Summary {
        private int batches;
        private long maxTimestamp = -1;
        private long offsetOfMaxTimestamp = -1;

        void add(RecordBatchView batch) {
            batches++;
            if (batch.maxTimestamp() > maxTimestamp) {
                maxTimestamp = batch.maxTimestamp();
                offsetOfMaxTimestamp = batch.lastOffset();
            }
        }

        Ready ready(ByteBuffer bytes, long firstOffset, long lastOffset, long logAppendTimeMs) {
            return new Ready(
                    bytes,
                    firstOffset,
                    lastOffset,
                    maxTimestamp,
                    offsetOfMaxTimestamp == -1 ? lastOffset : offsetOfMaxTimestamp,
                    batches,
                    logAppendTimeMs);
        }
    }
}
