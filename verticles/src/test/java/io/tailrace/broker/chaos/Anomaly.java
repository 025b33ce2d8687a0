// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

/**
 * Something in a history that should not be there.
 *
 * @param detail which partition, offsets and values, for a person to look for in the history
 */
record Anomaly(Kind kind, String detail) {

    /** All but the last are forbidden. */
    enum Kind {
        /** Acknowledged, and not in the log at the end, which has something after it. */
        LOST_WRITE,
        /** Acknowledged, and not in the log at the end, which has nothing after it. */
        UNSEEN_WRITE,
        /** A consumer was shown it, and it is not in the log at the end. */
        VANISHED_READ,
        /** One record at two offsets. */
        DUPLICATE,
        /** Two records at one offset. */
        INCONSISTENT_OFFSET,
        /** Records of one producer in another order than it sent them. */
        REORDERED_SEND,
        /** A consumer was shown what nobody sent, or what certainly failed. */
        PHANTOM_READ,
        /** A consumer went on past a record without being shown it. */
        POLL_SKIP,
        /** A consumer went back without having been told to. */
        NONMONOTONIC_POLL,
        /** A committed position was lower than one acknowledged before, or gone. */
        COMMIT_WENT_BACK,
        /** A group committed past a record that none of its members was shown. */
        GROUP_SKIP,
        /** A replica holds something else than the others where all of them claim to have it. */
        LOG_DIVERGENCE,
        /** The cluster did not come back after all was mended. */
        NO_RECOVERY,
        /** A class of faults of which there was none: the run says nothing of it. */
        NO_FAULT,
        /** A commit that nobody had heard the end of took effect after a later one: Kafka does not forbid it. */
        LATE_COMMIT;

        boolean forbidden() {
            return this != LATE_COMMIT;
        }
    }

    @Override
    public String toString() {
        return kind + ": " + detail;
    }
}
