// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.retention.RetainedSegment;
import io.tailrace.log.retention.RetentionPolicy;
import io.tailrace.log.segment.Segment;
import io.tailrace.log.segment.Segments;
import java.util.ArrayList;
import java.util.List;

/** Drops the segments of a log that its topic no longer keeps; {@link RetentionPolicy} chooses. */
final class RetentionPass {

    private RetentionPass() {}

    /** @return how many were dropped */
    static int run(Segments segments, LogConfig config, long logStartOffset, long highWatermark, long nowMs) {
        List<RetainedSegment> retained = new ArrayList<>();
        for (int i = 0; i < segments.all().size(); i++) {
            Segment segment = segments.all().get(i);
            retained.add(new RetainedSegment(
                    segment.baseOffset(), segments.upperBound(i), segment.sizeBytes(), segment.maxTimestampMs()));
        }
        int count = RetentionPolicy.deletable(retained, config.retention(), logStartOffset, highWatermark, nowMs);
        if (count == retained.size()) { // the active one, too: it makes room for an empty one
            segments.roll(segments.endOffset(), nowMs);
        }
        segments.dropOldest(count);
        return count;
    }
}
