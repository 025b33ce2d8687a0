// SPDX-License-Identifier: Apache-2.0
/**
 * The one seam between the log and an operating system: {@link io.tailrace.log.disk.Disk}. Its twins are
 * {@code RealDisk} and, in the tests of this module, {@code SimDisk}, which crashes, tears, fills up and lies from a seed.
 *
 * <p>Thread contract: a {@code Disk} is used by one shard and by the threads that sync for it; only {@link
 * io.tailrace.log.disk.DiskFile#sync}, {@link io.tailrace.log.disk.Disk#syncDirectory}, reads, and the reference counting
 * of {@link io.tailrace.log.disk.SharedFile} may be called off the shard's thread.
 */
@NullMarked
package io.tailrace.log.disk;

import org.jspecify.annotations.NullMarked;
