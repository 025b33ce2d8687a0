// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/**
 * How what lies on the disks is looked at for rot.
 *
 * @param intervalMs how long it rests when all has been looked at
 * @param maxBytesPerSecond what it reads in a second, at most
 */
public record ScrubConfig(boolean isEnabled, long intervalMs, long maxBytesPerSecond) {

    static final Key<Boolean> ENABLE = Key.flag(
            "log.scrub.enable",
            true,
            "Whether segments that are not written any more are read now and then, to find what the disk has spoiled while there are other replicas.");
    static final Key<Long> INTERVAL = Key.number(
            "log.scrub.interval.ms",
            604_800_000,
            1,
            "milliseconds",
            "How long to rest when all segments have been looked at. The first look begins five minutes after the start, or after this if it is less.");
    static final Key<Long> RATE = Key.number(
            "log.scrub.io.max.bytes.per.second",
            10_485_760,
            1,
            "bytes per second",
            "What is read each second, at most, to look for rot. A log that was found to be spoiled is copied anew at this rate, too.");

    static final List<Key<?>> KEYS = List.of(ENABLE, INTERVAL, RATE);

    static ScrubConfig from(Settings settings) {
        return new ScrubConfig(settings.get(ENABLE), settings.get(INTERVAL), settings.get(RATE));
    }
}
