// SPDX-License-Identifier: Apache-2.0
/**
 * A log cut into segments: the files of one, its two sparse indexes, and the ordered row of them. Start reading at {@code
 * Segments}; {@code docs/storage-format.md} has the byte tables.
 *
 * <p>Thread contract: all of it belongs to the shard's thread. Only a {@link io.tailrace.log.disk.SharedFile} that was shared
 * from here may travel.
 */
@NullMarked
package io.tailrace.log.segment;

import org.jspecify.annotations.NullMarked;
