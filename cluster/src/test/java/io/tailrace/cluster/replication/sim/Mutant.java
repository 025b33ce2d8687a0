// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

/**
 * A mistake that a host of the machines, or a machine, could make. The simulated host makes one on purpose; a run that does not notice is worth
 * nothing.
 */
enum Mutant {
    NONE,
    /** KIP-101: a follower of a new leader drops what is above its high watermark. */
    TRUNCATE_TO_HIGH_WATERMARK,
    /** KAFKA-7128: a follower below the epoch's start is let in. */
    EXPAND_BELOW_EPOCH_START,
    /** A producer that wants all replicas is told when the leader's disk has it. */
    ACKNOWLEDGE_BEFORE_REPLICATION,
    /** KIP-966: a node that lost its tail says that it was shut down cleanly. */
    CRASH_TOLD_AS_CLEAN,
    /** KAFKA-14704: the high watermark is taken from an answer that tells of a divergence. */
    HIGH_WATERMARK_BEFORE_DIVERGENCE,
    /** A follower asks for what comes after what is written, not after what is on its disk. */
    CLAIM_UNSYNCED,
    /** A follower does not say of which epoch its last record is. */
    NO_DIVERGENCE_CHECK,
    /** KIP-497: the leader reckons with the in-sync replicas that it proposed, before the controller took them. */
    SHRINK_BEFORE_COMMIT,
    /** A node that was started anew leads on in the epoch that it led before. */
    LEAD_BEFORE_REGISTRATION,
    /** The high watermark moves below min.insync.replicas. */
    IGNORE_MIN_IN_SYNC,
    /** While a node reads the metadata log again, it deletes its log since an image of long ago says that the replica is elsewhere. */
    DELETE_BY_OLD_IMAGE,
    /** What is rotten is deleted as soon as nobody relies on it, in an epoch in which it has fetched. */
    COPY_ANEW_IN_THE_SAME_EPOCH;

    /** Whether it shows only where crashes take what was counted on. */
    boolean needsForgetfulDisks() {
        return this == CRASH_TOLD_AS_CLEAN;
    }
}
