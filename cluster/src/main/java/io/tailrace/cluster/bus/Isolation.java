// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

/** How far a reader may see. */
public enum Isolation {
    /** To the end of the log: followers. */
    LOG_END,
    /** To the high watermark. */
    READ_UNCOMMITTED,
    /** To the last stable offset, aborted transactions named. */
    READ_COMMITTED
}
