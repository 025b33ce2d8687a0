// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import java.util.OptionalLong;

/** The names of a segment's files: the base offset in twenty digits, and what the file is for. Kafka's. */
public final class SegmentFiles {

    public static final String LOG = ".log";
    public static final String OFFSET_INDEX = ".index";
    public static final String TIME_INDEX = ".timeindex";
    public static final String TRANSACTION_INDEX = ".txnindex";
    public static final String PRODUCER_SNAPSHOT = ".snapshot";

    /** What a file is renamed to when it only waits for its removal. */
    public static final String DELETED = ".deleted";
    /** A segment the cleaner is still writing; worthless after a crash. */
    public static final String CLEANED = ".cleaned";
    /** A cleaned segment that is complete and takes the place of those it covers, even after a crash. */
    public static final String SWAP = ".swap";

    private static final int DIGITS = 20;

    private SegmentFiles() {}

    public static String name(long baseOffset, String suffix) {
        String digits = Long.toString(baseOffset);
        return "0".repeat(DIGITS - digits.length()) + digits + suffix;
    }

    /** The offset in the name of a file with that suffix; empty if it is not such a file. */
    public static OptionalLong offset(String name, String suffix) {
        if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(name, 0, DIGITS, 10));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
