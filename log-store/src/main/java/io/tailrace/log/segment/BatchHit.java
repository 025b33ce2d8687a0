// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import java.nio.ByteBuffer;

/**
 * A batch that was found and read.
 *
 * @param baseOffset of the batch
 * @param endOffset exclusive
 * @param bytes of the whole batch, in memory of its own
 */
public record BatchHit(long baseOffset, long endOffset, ByteBuffer bytes) {}
