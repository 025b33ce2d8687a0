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
 * Broker keys that no properties file here has, and that can be set at run time: the rates of replication throttles, which tools that move replicas
 * set and take away again ({@link io.tailrace.cluster.replication.ReplicationThrottle}), and what tools tune in Kafka and does nothing here, such as
 * the sizes of its thread pools. All are checked, kept and told as in Kafka. A key that a node has itself is none of these, whatever is said here.
 *
 * <p>Types and bounds are those of Apache Kafka 4.3.1. There are no defaults.
 */
final class RuntimeOnlyKeys {

    static final ConfigSchema SCHEMA = ConfigSchema.of(define());

    private static final String IDLE = "Known to Kafka; does nothing here.";
    private static final String RATE = "Bytes per second of the replicas in the topics' lists that are not in sync.";

    private RuntimeOnlyKeys() {}

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
        define(keys, "replica.alter.log.dirs.io.max.bytes.per.second", Type.LONG, between(0, Long.MAX_VALUE));
        define(keys, "leader.replication.throttled.rate", Type.LONG, between(0, Long.MAX_VALUE), RATE);
        define(keys, "follower.replication.throttled.rate", Type.LONG, between(0, Long.MAX_VALUE), RATE);
        return keys;
    }

    private static void define(ConfigDef keys, String name, Type type, @Nullable Validator allowed) {
        define(keys, name, type, allowed, IDLE);
    }

    private static void define(ConfigDef keys, String name, Type type, @Nullable Validator allowed, String doc) {
        keys.define(name, type, ConfigDef.NO_DEFAULT_VALUE, allowed, Importance.LOW, doc);
    }
}
