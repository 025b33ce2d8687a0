// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

/**
 * What the cleaner needs to know of a segment that is not written any more.
 *
 * @param baseOffset names its files
 * @param endOffset exclusive: the next segment's base offset
 * @param sizeBytes of its records
 * @param firstTimestampMs greatest timestamp of its first batch; -1 if unknown
 * @param maxTimestampMs the greatest timestamp of its records; -1 if none has one
 */
public record SealedSegment(
        long baseOffset, long endOffset, long sizeBytes, long firstTimestampMs, long maxTimestampMs) {}
