// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import org.apache.kafka.common.Uuid;

/**
 * Topic ids from one seed, so that the machine that hands them out draws nothing at random itself.
 *
 * <p>Each id is two outputs of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), one for each half of the seed, shaped as a version 4 UUID:
 * ids of one seed never repeat, and those of two random seeds collide as rarely as random ids do.
 */
public final class TopicIds {

    /** 128 random bits. */
    public record Seed(long high, long low) {}

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long high;
    private long low;

    public TopicIds(Seed seed) {
        high = seed.high();
        low = seed.low();
    }

    /** Another id; none that Kafka reserves, and none whose text starts with a dash, which tools take for an option. */
    public Uuid next() {
        while (true) {
            high += GOLDEN;
            low += GOLDEN;
            Uuid id = new Uuid(
                    mix(high) & 0xFFFFFFFFFFFF0FFFL | 0x4000L, mix(low) & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L);
            if (!Uuid.RESERVED.contains(id) && !id.toString().startsWith("-")) {
                return id;
            }
        }
    }

    private static long mix(long state) {
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
