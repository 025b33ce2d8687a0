// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.jspecify.annotations.Nullable;

/**
 * Broker keys that can be changed at run time in Kafka and do nothing here, such as the sizes of its thread pools. Tools that tune brokers or
 * move replicas set them: they are checked, kept and told as in Kafka. A key that a node has itself is none of these, whatever is said here.
 *
 * <p>Types and bounds are those of Apache Kafka 4.3.1. There are no defaults, as nothing is in force.
 */
final class KafkaOnlyKeys {

    static final ConfigSchema SCHEMA = ConfigSchema.of(define());

    private KafkaOnlyKeys() {}

    private static ConfigDef define() {
        ConfigDef keys = new ConfigDef();
        for (String threads : new String[] {
            "num.io.threads",
            "num.network.threads",
            "num.replica.fetchers",
            "num.recovery.threads.per.data.dir",
            "background.threads"
        }) {
            define(keys, threads, Type.INT, atLeast(1));
        }
        define(keys, "log.cleaner.threads", Type.INT, atLeast(0));
        define(keys, "log.cleaner.dedupe.buffer.size", Type.LONG, null);
        define(keys, "log.cleaner.io.buffer.size", Type.INT, atLeast(0));
        define(keys, "log.cleaner.io.buffer.load.factor", Type.DOUBLE, null);
        define(keys, "log.cleaner.io.max.bytes.per.second", Type.DOUBLE, null);
        define(keys, "log.cleaner.backoff.ms", Type.LONG, atLeast(0));
        define(keys, "max.connections", Type.INT, atLeast(0));
        define(keys, "max.connections.per.ip", Type.INT, atLeast(0));
        define(keys, "max.connection.creation.rate", Type.INT, atLeast(0));
        define(keys, "leader.replication.throttled.rate", Type.LONG, between(0, Long.MAX_VALUE));
        define(keys, "follower.replication.throttled.rate", Type.LONG, between(0, Long.MAX_VALUE));
        define(keys, "replica.alter.log.dirs.io.max.bytes.per.second", Type.LONG, between(0, Long.MAX_VALUE));
        return keys;
    }

    private static void define(ConfigDef keys, String name, Type type, @Nullable Validator allowed) {
        keys.define(
                name, type, ConfigDef.NO_DEFAULT_VALUE, allowed, Importance.LOW, "Known to Kafka; does nothing here.");
    }
}
