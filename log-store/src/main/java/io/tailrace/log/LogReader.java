// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.segment.SegmentRange;
import io.tailrace.log.segment.Segments;
import java.util.List;

/** Finds the batches a fetch asks for; the bytes stay where they are. */
final class LogReader {

    private LogReader() {}

    static LogRead read(Segments segments, long offset, int maxBytes, long toExclusive, boolean atLeastOneBatch) {
        if (offset >= toExclusive) {
            return LogRead.Records.empty(offset);
        }
        SegmentRange range = segments.range(offset, maxBytes, toExclusive, atLeastOneBatch);
        if (range == null) {
            return LogRead.Records.empty(offset);
        }
        var slice = new LogSlice.OfFile(range.file(), range.position(), range.sizeBytes());
        return new LogRead.Records(List.of(slice), range.sizeBytes(), range.baseOffset(), range.endOffset());
    }
}
