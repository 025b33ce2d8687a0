// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * What a fetch may ask for.
 *
 * @param maxBytes of records in one answer
 * @param sessions incremental fetch sessions kept at once (KIP-227)
 * @param byRack whether consumers are sent to replicas in their rack (KIP-392)
 */
public record FetchConfig(int maxBytes, int sessions, boolean byRack) {

    /** What Kafka's selectors are called: the value is a class name there. */
    private static final String LEADER_SELECTOR = "org.apache.kafka.common.replica.LeaderSelector";

    private static final String RACK_SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    static final Key<Integer> MAX_BYTES = Key.integer(
            "fetch.max.bytes", 57_671_680, 1024, "bytes", "Most bytes of records in one answer to a fetch.");
    static final Key<Integer> SESSIONS = Key.integer(
            "max.incremental.fetch.session.cache.slots",
            1_000,
            0,
            "sessions",
            "Incremental fetch sessions that are kept at once.");

    static final Key<String> SELECTOR = new Key<>(
            "replica.selector.class",
            Type.STRING,
            LEADER_SELECTOR,
            "one of " + LEADER_SELECTOR + ", " + RACK_SELECTOR,
            "Where consumers read: at leaders, or at an in-sync replica in the rack that they say they are in (client.rack, broker.rack; KIP-392)."
                    + " To be the same on all nodes. No other class can be loaded.",
            text -> {
                Key.require(text.equals(LEADER_SELECTOR) || text.equals(RACK_SELECTOR));
                return text;
            });

    static final List<Key<?>> KEYS = List.of(MAX_BYTES, SESSIONS, SELECTOR);

    static FetchConfig from(Settings settings) {
        return new FetchConfig(
                settings.get(MAX_BYTES),
                settings.get(SESSIONS),
                settings.get(SELECTOR).equals(RACK_SELECTOR));
    }
}
