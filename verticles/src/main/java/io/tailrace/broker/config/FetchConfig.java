// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/**
 * What a fetch may ask for.
 *
 * @param maxBytes of records in one answer
 * @param sessions incremental fetch sessions kept at once (KIP-227)
 */
public record FetchConfig(int maxBytes, int sessions) {

    static final Key<Integer> MAX_BYTES = Key.integer(
            "fetch.max.bytes", 57_671_680, 1024, "bytes", "Most bytes of records in one answer to a fetch.");
    static final Key<Integer> SESSIONS = Key.integer(
            "max.incremental.fetch.session.cache.slots",
            1_000,
            0,
            "sessions",
            "Incremental fetch sessions that are kept at once.");

    static final List<Key<?>> KEYS = List.of(MAX_BYTES, SESSIONS);

    static FetchConfig from(Settings settings) {
        return new FetchConfig(settings.get(MAX_BYTES), settings.get(SESSIONS));
    }
}
