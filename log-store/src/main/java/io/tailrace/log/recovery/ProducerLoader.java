// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import io.tailrace.log.producer.CompletedTransaction;
import io.tailrace.log.producer.CorruptSnapshotException;
import io.tailrace.log.producer.ProducerLimits;
import io.tailrace.log.producer.ProducerSnapshot;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.segment.Segment;
import io.tailrace.log.segment.SegmentFiles;
import io.tailrace.log.segment.SegmentListing;
import io.tailrace.log.segment.Segments;
import io.tailrace.log.segment.Workbench;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings back what a log knows of its producers: the latest snapshot that can be believed, and the headers of the batches after
 * it. The transaction indexes of the replayed part are made anew on the way.
 */
final class ProducerLoader {

    private final Workbench bench;
    private final SegmentListing listing;
    private final ProducerLimits limits;
    private final long nowMs;

    ProducerLoader(Workbench bench, SegmentListing listing, ProducerLimits limits, long nowMs) {
        this.bench = bench;
        this.listing = listing;
        this.limits = limits;
        this.nowMs = nowMs;
    }

    /**
     * @param believedBelow transaction indexes are right for markers below this offset
     * @param forgottenUpTo {@link ProducerStates#forgottenUpTo} of any snapshot that is there
     */
    ProducerStates load(Segments segments, long logStartOffset, long believedBelow, long forgottenUpTo) {
        ProducerStates producers = new ProducerStates(limits);
        long from = restore(producers, segments, logStartOffset, lowestDoubt(segments, believedBelow), forgottenUpTo);
        segments.forgetAbortedFrom(from);
        segments.walk(from, batch -> {
            CompletedTransaction ended = producers.append(batch);
            if (ended != null) {
                if (ended.aborted()) {
                    segments.addAborted(ended.indexEntry());
                }
                producers.complete(ended);
            }
        });
        producers.sawUpTo(segments.endOffset());
        return producers;
    }

    private static long lowestDoubt(Segments segments, long believedBelow) {
        for (Segment segment : segments.all()) {
            if (segment.baseOffset() < believedBelow && !segment.aborted().isSound()) {
                return segment.baseOffset();
            }
        }
        return believedBelow;
    }

    /** Loads the latest sound snapshot at or below {@code atMost}; returns where to replay from. */
    private long restore(
            ProducerStates producers, Segments segments, long logStartOffset, long atMost, long forgottenUpTo) {
        long[] offsets = listing.offsets(SegmentFiles.PRODUCER_SNAPSHOT);
        for (int i = offsets.length - 1; i >= 0; i--) {
            long offset = offsets[i];
            Path file = listing.directory().resolve(SegmentFiles.name(offset, SegmentFiles.PRODUCER_SNAPSHOT));
            if (offset > segments.endOffset()) {
                // It tells of batches that a crash or a cut took. Others will have their offsets, and it must not be
                // found then.
                bench.disk().delete(file);
                segments.unsynced().directory();
                continue;
            }
            if (offset > atMost) {
                continue;
            }
            Optional<byte[]> content = DurableFile.read(bench.disk(), file);
            try {
                if (content.isPresent()) {
                    producers.load(
                            ProducerSnapshot.decode(ByteBuffer.wrap(content.get())), offset, forgottenUpTo, nowMs);
                    return offset;
                }
            } catch (CorruptSnapshotException e) {
                bench.disk().delete(file); // derived: an older one or the log itself says the same
            }
        }
        long start = Math.max(logStartOffset, segments.first().baseOffset());
        producers.reset(start);
        return start;
    }
}
