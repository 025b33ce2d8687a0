// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import io.tailrace.log.disk.SharedFile;

/**
 * Consecutive whole batches in one segment file.
 *
 * @param file with a reference for the taker
 * @param position of the first batch, bytes
 * @param baseOffset of the first batch
 * @param endOffset exclusive; where to read on
 */
public record SegmentRange(SharedFile file, long position, int sizeBytes, long baseOffset, long endOffset) {}
