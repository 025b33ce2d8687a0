// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.DiskFile;
import io.tailrace.protocol.record.BatchChecks;
import io.tailrace.protocol.record.BatchLayout;
import io.tailrace.protocol.record.BatchVerdict;
import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;

/**
 * Reads a segment's batches in full and believes nothing: framing, CRC-32C, rising offsets, leader epochs that do not fall.
 * What a crash may have torn goes through here; all else is trusted to have gone through it before.
 *
 * <p>The epochs tell sound batches that a cut had taken, and a crash brought back, from those that were to replace them.
 */
public final class SegmentScan {

    private static final int CHUNK_BYTES = 1 << 20;

    /** Longer is no batch: Kafka's clients could not send it, and no one should have to hold it. */
    private static final int MAX_BATCH_BYTES = 256 << 20;

    private final Segment segment;
    private final long fileBytes;
    private final RecordBatchView view = new RecordBatchView();
    private ByteBuffer chunk = ByteBuffer.allocateDirect(0);
    private int leaderEpoch;

    /**
     * @param fileBytes how far the file goes
     * @param leaderEpoch that of the last batch before the segment, or -1
     */
    public SegmentScan(Segment segment, long fileBytes, int leaderEpoch) {
        this.segment = segment;
        this.fileBytes = fileBytes;
        this.leaderEpoch = leaderEpoch;
    }

    /** That of the last batch that was sound. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /**
     * Forgets what the segment knows from an index entry on and takes in the sound batches from there.
     *
     * @param entry -1 for the segment's start
     * @return whether all of the file is sound; if not, the segment ends before the first byte that is not
     */
    public boolean run(int entry, int indexIntervalBytes) {
        segment.rewind(entry);
        long position = segment.sizeBytes();
        chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, fileBytes - position));
        long expected = segment.baseOffset();
        long expectedLast = entry < 0 ? -1 : segment.lastOffsetAt(entry);
        long at = position;
        while (at < fileBytes) {
            int read = load(at);
            view.over(chunk, 0, read);
            int before = view.nextPosition();
            while (view.next()) {
                if (BatchChecks.integrity(view) != BatchVerdict.VALID
                        || view.baseOffset() < expected
                        || view.partitionLeaderEpoch() < leaderEpoch
                        || (expectedLast >= 0 && view.lastOffset() != expectedLast)) {
                    return false;
                }
                expectedLast = -1;
                leaderEpoch = view.partitionLeaderEpoch();
                segment.index(view, indexIntervalBytes);
                expected = view.nextOffset();
            }
            if (view.nextPosition() == before && !grow(at, read)) {
                return false;
            }
            at += view.nextPosition();
        }
        return true;
    }

    private int load(long at) {
        DiskFile file = segment.log().use();
        chunk.clear().limit((int) Math.min(chunk.capacity(), fileBytes - at));
        int read = file.read(chunk, at);
        chunk.flip();
        return read;
    }

    /** Makes room for a batch larger than the chunk; false if what is there cannot be a batch. */
    private boolean grow(long at, int read) {
        BatchVerdict framing = BatchChecks.framing(chunk, 0, read);
        if (framing != BatchVerdict.TRUNCATED || read < BatchLayout.HEADER_BYTES || at + read >= fileBytes) {
            return false;
        }
        long wanted = view.at(chunk, 0).sizeInBytes() & 0xFFFF_FFFFL;
        if (wanted <= chunk.capacity() || wanted > MAX_BATCH_BYTES || wanted > fileBytes - at) {
            return false;
        }
        chunk = ByteBuffer.allocateDirect((int) wanted);
        view.over(chunk, 0, 0);
        return true;
    }
}
