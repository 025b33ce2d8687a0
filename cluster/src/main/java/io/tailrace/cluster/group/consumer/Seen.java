// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import org.jspecify.annotations.Nullable;

/**
 * Which topics a group was last decided on, so that a heartbeat without news costs no look at them. Topics are compared by identity: the
 * same object says the same. Soft: forgotten with the coordinator and when a write is refused, which only makes the next heartbeat look.
 */
final class Seen {

    /** How often at most patterns are resolved because topics came or went; Kafka's constant. */
    private static final long MIN_REGEX_INTERVAL_MS = 10_000;

    private @Nullable Object topics;
    private @Nullable Object regexTopics;
    private long regexMs;

    boolean has(Object now) {
        return topics == now;
    }

    void note(Object now) {
        topics = now;
    }

    void noteRegexes(Object now, long nowMs) {
        regexTopics = now;
        regexMs = nowMs;
    }

    boolean regexesDue(Object now, long nowMs, long refreshMs) {
        long ageMs = nowMs - regexMs;
        return regexTopics == null || ageMs > refreshMs || (regexTopics != now && ageMs > MIN_REGEX_INTERVAL_MS);
    }

    void forget() {
        topics = null;
        regexTopics = null;
    }
}
