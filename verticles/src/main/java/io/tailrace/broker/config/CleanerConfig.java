// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * How topics with {@code cleanup.policy=compact} are compacted.
 *
 * @param backoffMs how long it rests when nothing is due
 * @param mapBytes memory, off the heap, for the keys of one pass
 * @param maxBytesPerSecond what it reads in a second, at most
 */
public record CleanerConfig(boolean isEnabled, long backoffMs, int mapBytes, double maxBytesPerSecond) {

    static final Key<Boolean> ENABLE =
            Key.flag("log.cleaner.enable", true, "Whether topics with cleanup.policy=compact are compacted.");
    static final Key<Long> BACKOFF = Key.number(
            "log.cleaner.backoff.ms",
            15_000,
            0,
            "milliseconds",
            "How long compaction rests when it finds nothing to do.");
    static final Key<Integer> MAP = Key.integer(
            "log.cleaner.dedupe.buffer.size",
            32 << 20,
            1 << 20,
            1 << 30,
            "bytes",
            "The most memory that compaction takes for keys, outside the heap: 24 bytes and a tenth more for each. A log with more new keys is"
                    + " compacted in several passes.");
    static final Key<Double> RATE = new Key<>(
            "log.cleaner.io.max.bytes.per.second",
            Type.DOUBLE,
            Double.toString(Double.MAX_VALUE),
            "a number of bytes per second, 1 or more",
            "What compaction reads each second, at most. It writes no more than that.",
            text -> {
                double value = Double.parseDouble(text);
                Key.require(value >= 1);
                return value;
            });

    static final List<Key<?>> KEYS = List.of(ENABLE, BACKOFF, MAP, RATE);

    static CleanerConfig from(Settings settings) {
        return new CleanerConfig(settings.get(ENABLE), settings.get(BACKOFF), settings.get(MAP), settings.get(RATE));
    }
}
