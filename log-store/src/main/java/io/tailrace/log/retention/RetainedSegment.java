// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.retention;

/**
 * What retention needs to know of a segment.
 *
 * @param baseOffset of its first record, were none removed
 * @param endOffset exclusive; the next segment's base offset, or the log's end
 * @param sizeBytes of its records
 * @param maxTimestampMs the greatest timestamp of its records; -1 if none has one
 */
public record RetainedSegment(long baseOffset, long endOffset, long sizeBytes, long maxTimestampMs) {}
