// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.AppendResult.RecordError;
import io.tailrace.log.LogConfig;
import io.tailrace.log.append.PreparedAppend.Rejected;
import io.tailrace.protocol.record.RecordBatchView;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the records of a batch, for topics that demand it: keys where the topic is compacted, timestamps in range,
 * offsets without gaps. Keys and values of compressed records are skipped, not read, and no more is decompressed than {@link
 * DecompressionLimits} allow.
 */
final class RecordScan {

    /** Kafka lists all; a client reads a thousand as well as a million, and an answer has to be bounded. */
    private static final int MAX_RECORD_ERRORS = 1000;

    private final AppendTerms terms;
    private final List<RecordError> errors = new ArrayList<>(0);
    private boolean outOfTime;
    private boolean consecutive = true;
    private long maxTimestamp = -1;
    private int index;
    private @Nullable Rejected rejected;

    RecordScan(AppendTerms terms) {
        this.terms = terms;
    }

    static RecordScan of(RecordBatchView view, AppendTerms terms, DecompressionLimits limits) {
        var scan = new RecordScan(terms);
        scan.rejected = RecordWalk.over(view, terms, limits, true, scan::accept);
        if (scan.rejected == null) {
            scan.rejected = scan.verdict();
        }
        return scan;
    }

    /** Takes in the next record; its offset is the producer's. */
    void accept(MutableRecordBatch batch, Record record) {
        LogConfig.RecordConfig rules = terms.config().records();
        if (terms.config().compaction().compacts() && !record.hasKey()) {
            addError("a compacted topic cannot accept a record without a key");
        } else if (!rules.usesLogAppendTime() && record.timestamp() != -1 && isOutOfRange(record.timestamp(), rules)) {
            outOfTime = true;
            addError("timestamp " + record.timestamp() + " is out of range; it should be within ["
                    + (terms.nowMs() - rules.timestampBeforeMaxMs()) + ", "
                    + (terms.nowMs() + rules.timestampAfterMaxMs()) + "]");
        }
        consecutive &= record.offset() - batch.baseOffset() == index;
        maxTimestamp = Math.max(maxTimestamp, record.timestamp());
        index++;
    }

    private boolean isOutOfRange(long timestamp, LogConfig.RecordConfig rules) {
        return terms.nowMs() - timestamp > rules.timestampBeforeMaxMs()
                || timestamp - terms.nowMs() > rules.timestampAfterMaxMs();
    }

    private void addError(String message) {
        if (errors.size() < MAX_RECORD_ERRORS) {
            errors.add(new RecordError(index, message));
        }
    }

    /** What the records seen so far amount to: null if all are fine. */
    @Nullable
    Rejected verdict() {
        if (errors.isEmpty()) {
            return null;
        }
        return outOfTime
                ? new Rejected(
                        Errors.INVALID_TIMESTAMP,
                        "One or more records have been rejected due to invalid timestamp",
                        errors)
                : new Rejected(
                        Errors.INVALID_RECORD,
                        "One or more records have been rejected due to " + errors.size() + " record errors in total",
                        errors);
    }

    /** Why the batch is refused, or null. */
    @Nullable
    Rejected rejected() {
        return rejected;
    }

    boolean hasErrors() {
        return !errors.isEmpty();
    }

    /** Whether the offsets of the records rise one by one from the batch's. */
    boolean isConsecutive() {
        return consecutive;
    }

    /** The greatest timestamp of a record, which the header may have misstated; ms or -1. */
    long maxTimestamp() {
        return maxTimestamp;
    }
}
