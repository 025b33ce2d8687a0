// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static io.tailrace.cluster.config.BrokerSynonym.same;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/** Everything that may be configured on one group: consumer groups of KIP-848, share groups of KIP-932, streams groups of KIP-1071. */
public final class GroupConfigs {

    public static final String CONSUMER_SESSION_TIMEOUT_MS_CONFIG = "consumer.session.timeout.ms";
    public static final String CONSUMER_HEARTBEAT_INTERVAL_MS_CONFIG = "consumer.heartbeat.interval.ms";
    public static final String CONSUMER_ASSIGNMENT_INTERVAL_MS_CONFIG = "consumer.assignment.interval.ms";
    public static final String SHARE_SESSION_TIMEOUT_MS_CONFIG = "share.session.timeout.ms";
    public static final String SHARE_HEARTBEAT_INTERVAL_MS_CONFIG = "share.heartbeat.interval.ms";
    public static final String SHARE_ASSIGNMENT_INTERVAL_MS_CONFIG = "share.assignment.interval.ms";
    public static final String SHARE_RECORD_LOCK_DURATION_MS_CONFIG = "share.record.lock.duration.ms";
    public static final String SHARE_DELIVERY_COUNT_LIMIT_CONFIG = "share.delivery.count.limit";
    public static final String SHARE_PARTITION_MAX_RECORD_LOCKS_CONFIG = "share.partition.max.record.locks";
    public static final String SHARE_AUTO_OFFSET_RESET_CONFIG = "share.auto.offset.reset";
    public static final String SHARE_ISOLATION_LEVEL_CONFIG = "share.isolation.level";
    public static final String SHARE_RENEW_ACKNOWLEDGE_ENABLE_CONFIG = "share.renew.acknowledge.enable";
    public static final String STREAMS_SESSION_TIMEOUT_MS_CONFIG = "streams.session.timeout.ms";
    public static final String STREAMS_HEARTBEAT_INTERVAL_MS_CONFIG = "streams.heartbeat.interval.ms";
    public static final String STREAMS_ASSIGNMENT_INTERVAL_MS_CONFIG = "streams.assignment.interval.ms";
    public static final String STREAMS_NUM_STANDBY_REPLICAS_CONFIG = "streams.num.standby.replicas";
    public static final String STREAMS_INITIAL_REBALANCE_DELAY_MS_CONFIG = "streams.initial.rebalance.delay.ms";

    private static final String BY_DURATION = "by_duration:";

    public static final ConfigSchema SCHEMA = schema();

    private GroupConfigs() {}

    private static ConfigSchema schema() {
        ConfigSchema.Builder group = ConfigSchema.builder();
        defineConsumer(group);
        defineShare(group);
        defineStreams(group);
        return group.build();
    }

    private static void defineConsumer(ConfigSchema.Builder group) {
        defineTimes(group, "consumer", "a consumer group");
    }

    private static void defineShare(ConfigSchema.Builder group) {
        defineTimes(group, "share", "a share group");
        group.define(
                        SHARE_RECORD_LOCK_DURATION_MS_CONFIG,
                        INT,
                        30_000,
                        atLeast(1000),
                        "How long a consumer may hold a record that it acquired, in milliseconds.",
                        same("group.share.record.lock.duration.ms"))
                .define(
                        SHARE_DELIVERY_COUNT_LIMIT_CONFIG,
                        INT,
                        5,
                        atLeast(2),
                        "How often a record is delivered before it is given up.",
                        same("group.share.delivery.count.limit"))
                .define(
                        SHARE_PARTITION_MAX_RECORD_LOCKS_CONFIG,
                        INT,
                        2000,
                        atLeast(100),
                        "How many records of one partition may be acquired at the same time.",
                        same("group.share.partition.max.record.locks"))
                .define(
                        SHARE_AUTO_OFFSET_RESET_CONFIG,
                        STRING,
                        "latest",
                        resetStrategy(),
                        "Where a share group starts to read a partition: earliest, latest, or by_duration:<ISO-8601 duration> before now.")
                .define(
                        SHARE_ISOLATION_LEVEL_CONFIG,
                        STRING,
                        "read_uncommitted",
                        ValidString.in("read_committed", "read_uncommitted"),
                        "Whether records of transactions that are open or were aborted are delivered.")
                .define(
                        SHARE_RENEW_ACKNOWLEDGE_ENABLE_CONFIG,
                        BOOLEAN,
                        true,
                        null,
                        "Whether a consumer may prolong its hold on a record.");
    }

    private static void defineStreams(ConfigSchema.Builder group) {
        defineTimes(group, "streams", "a streams group");
        group.define(
                        STREAMS_NUM_STANDBY_REPLICAS_CONFIG,
                        INT,
                        0,
                        atLeast(0),
                        "How many standby replicas each task has.",
                        same("group.streams.num.standby.replicas"))
                .define(
                        STREAMS_INITIAL_REBALANCE_DELAY_MS_CONFIG,
                        INT,
                        3000,
                        atLeast(0),
                        "How long to wait for more members before the first assignment of an empty group, in milliseconds.",
                        same("group.streams.initial.rebalance.delay.ms"));
    }

    /** The three times that each kind of group has. */
    private static void defineTimes(ConfigSchema.Builder group, String kind, String whose) {
        group.define(
                        kind + ".session.timeout.ms",
                        INT,
                        45_000,
                        atLeast(1),
                        "How long a member of " + whose + " may be silent before it is removed, in milliseconds.",
                        same("group." + kind + ".session.timeout.ms"))
                .define(
                        kind + ".heartbeat.interval.ms",
                        INT,
                        5000,
                        atLeast(1),
                        "How often members of " + whose + " are told to send a heartbeat, in milliseconds.",
                        same("group." + kind + ".heartbeat.interval.ms"))
                .define(
                        kind + ".assignment.interval.ms",
                        INT,
                        1000,
                        atLeast(0),
                        "The least time between two assignments of " + whose + ", in milliseconds.",
                        same("group." + kind + ".assignment.interval.ms"));
    }

    private static Validator resetStrategy() {
        return LambdaValidator.with(
                (name, value) -> {
                    if (!isResetStrategy(String.valueOf(value))) {
                        throw new ConfigException(
                                name,
                                value,
                                "Invalid value `" + value + "` for configuration " + name
                                        + ". The value must be either "
                                        + "'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS.>'.");
                    }
                },
                () -> "[latest, earliest, by_duration:PnDTnHnMn.nS]");
    }

    private static boolean isResetStrategy(String value) {
        String strategy = value.toLowerCase(Locale.ROOT);
        if (!strategy.startsWith(BY_DURATION)) {
            return strategy.equals("latest") || strategy.equals("earliest");
        }
        try {
            return !Duration.parse(value.substring(BY_DURATION.length())).isNegative();
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
