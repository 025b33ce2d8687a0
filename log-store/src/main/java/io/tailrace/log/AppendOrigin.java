// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

/** Who wrote the batches of an append, and so how far they are trusted. */
public enum AppendOrigin {
    /** A producer: everything is checked, offsets and leader epoch are assigned. */
    CLIENT,
    /** A coordinator of this node, or a transaction marker: offsets are assigned, control batches are allowed. */
    COORDINATOR,
    /** A leader's log, copied by a follower: offsets and epochs stand as they are, only integrity and order are checked. */
    REPLICATION
}
