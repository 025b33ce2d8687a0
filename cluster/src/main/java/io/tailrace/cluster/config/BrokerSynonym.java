// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.concurrent.TimeUnit;

/**
 * A broker key whose value is the default of a topic or group key.
 *
 * <p>One topic key may have several, in order of precedence: {@code retention.ms} takes the first of {@code log.retention.ms}, {@code
 * log.retention.minutes} and {@code log.retention.hours} that is set.
 *
 * @param unit what one unit of the broker key's value is worth in the topic key's unit
 */
public record BrokerSynonym(String name, Unit unit) {

    /** How a broker key's number becomes a topic key's. */
    public enum Unit {
        /** The same text means the same thing. */
        SAME(1),
        MINUTES_TO_MS(TimeUnit.MINUTES.toMillis(1)),
        HOURS_TO_MS(TimeUnit.HOURS.toMillis(1));

        private final long factor;

        Unit(long factor) {
            this.factor = factor;
        }
    }

    static BrokerSynonym same(String name) {
        return new BrokerSynonym(name, Unit.SAME);
    }

    static BrokerSynonym minutes(String name) {
        return new BrokerSynonym(name, Unit.MINUTES_TO_MS);
    }

    static BrokerSynonym hours(String name) {
        return new BrokerSynonym(name, Unit.HOURS_TO_MS);
    }

    /**
     * The topic key's value that a broker key's value stands for.
     *
     * @param brokerValue valid for the broker key. A negative number means "unlimited" in any unit, and stays what it is.
     */
    public String toTopicValue(String brokerValue) {
        if (unit == Unit.SAME) {
            return brokerValue;
        }
        long value = Long.parseLong(brokerValue.trim());
        return Long.toString(value < 0 ? value : Math.multiplyExact(value, unit.factor));
    }
}
