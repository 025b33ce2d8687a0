// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** What came of a read or of finding a start. */
public sealed interface ReadOutcome<B> {

    /** @param visibleEnd the offset up to which readers can see now, exclusive */
    record Found<B>(Chunk<B> chunk, long visibleEnd) implements ReadOutcome<B> {}

    /** There is nothing behind this position yet. */
    record AtEnd<B>() implements ReadOutcome<B> {}

    /** The log does not hold the offset: {@code [logStartOffset, endOffset]} is what it has. */
    record OutOfRange<B>(long logStartOffset, long endOffset) implements ReadOutcome<B> {}

    /** The log was cut back below what was read, and has other records from {@code endOffset} on. */
    record Diverged<B>(int leaderEpoch, long endOffset) implements ReadOutcome<B> {}

    /** Not now: no leader here, a disk offline, too much to do. Worth another try. */
    record Unavailable<B>() implements ReadOutcome<B> {}

    /** Never: there is no such topic any more. */
    record Gone<B>() implements ReadOutcome<B> {}

    /** It was not even tried, as the socket had filled up in the meantime. */
    record Skipped<B>() implements ReadOutcome<B> {}
}
