// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keys of Kafka that do nothing here, so that a {@code server.properties} can be used as it is.
 *
 * <p>Most are tuning or parts of another design: they cost one warning. A key that asks for protection which is not there must not be passed
 * over so lightly: the broker would run open while its operator believes it closed. It stops the start.
 */
final class ForeignKeys {

    /** Keys alike, and why they do nothing. */
    private record Family(Pattern names, String why) {

        static Family of(String names, String why) {
            return new Family(Pattern.compile(names), why);
        }
    }

    private static final String OWN_THREADS = "Tailrace has event loops and shards instead of thread pools";

    private static final List<Family> HARMLESS = List.of(
            Family.of("zookeeper\\..*|.*\\.zookeeper\\..*", "there is no ZooKeeper"),
            Family.of(
                    "process\\.roles|controller\\..*|early\\.start\\.listeners|.*quorum.*|metadata\\.log\\..*|metadata\\.max\\..*",
                    "every node takes part in the metadata log by itself"),
            Family.of(
                    "num\\.(network|io|recovery)\\.threads.*|num\\.replica\\..*|background\\.threads|queued\\.max\\.requests"
                            + "|.*\\.coordinator\\.(threads|append\\..*|rebalance\\..*|cached\\..*)|log\\.cleaner\\.threads",
                    OWN_THREADS),
            Family.of(
                    "log\\.(cleaner|flush|dir\\.failure|initial)\\..*|log\\.message\\.(format|downconversion)\\..*|log\\.(deletion|index)\\..*",
                    "the log store looks after this by itself"),
            Family.of(
                    "(broker\\.(heartbeat|session)|initial\\.broker|unclean\\.leader|auto\\.leader|leader\\.imbalance|replica)\\..*",
                    "this is not to be set here: the program has a fixed value"),
            Family.of(
                    "(inter\\.broker|security\\.inter\\.broker)\\..*|broker\\.id\\.generation\\.enable|reserved\\.broker\\.max\\.id",
                    "nodes find and reach one another in another way"),
            Family.of("(group|share|streams)\\..*|offsets\\..*", "this part of group coordination is not there"),
            Family.of("transaction.*|transactional.*|producer\\.id\\..*", "this part of transactions is not there"),
            Family.of("remote\\..*|rlmm\\..*", "there is no tiered storage"),
            Family.of(
                    "metrics?\\..*|kafka\\.metrics\\..*|auto\\.include\\.jmx\\.reporter|telemetry\\..*|client\\.metrics\\..*",
                    "metrics are told in another way"),
            Family.of(
                    "(.*\\.)?purgatory\\..*|fetch\\.purgatory.*|delete\\.records\\.purgatory.*|producer\\.purgatory.*",
                    "waiting requests wait in another way"),
            Family.of(
                    "(quota|alter\\.log\\.dirs|replication\\.quota|controller\\.quota|client\\.quota)\\..*",
                    "there are no quotas yet"),
            Family.of(
                    "request\\.timeout\\.ms|socket\\.connection\\.setup\\..*|connections\\.max\\.reauth\\.ms|compression\\..*\\.level"
                            + "|max\\.connection\\.creation\\.rate|max\\.connections\\.per\\.ip\\.overrides|max\\.request\\.partition\\.size\\.limit"
                            + "|unstable\\..*|confluent\\..*|config\\.providers.*|features\\..*",
                    "it has no counterpart here"));

    private static final List<Family> PROTECTION = List.of(
            Family.of(
                    "(listener\\.name\\..*|ssl\\..*|sasl\\..*|password\\..*|.*\\.sasl\\..*|.*\\.ssl\\..*)",
                    "TLS and SASL are not there yet"),
            Family.of(
                    "(authorizer\\..*|super\\.users|allow\\.everyone\\..*|principal\\..*|delegation\\..*|early\\.authorizer\\..*|security\\.providers)",
                    "access control is not there yet"),
            Family.of("(create\\.topic|alter\\.config)\\.policy\\.class\\.name", "policies are not there yet"));

    private ForeignKeys() {}

    /** Why a key of Kafka does nothing, where that does no harm. */
    static Optional<String> harmless(String name) {
        return why(HARMLESS, name);
    }

    /** Which protection a key asks for that cannot be given. */
    static Optional<String> protection(String name) {
        return why(PROTECTION, name);
    }

    private static Optional<String> why(List<Family> families, String name) {
        return families.stream()
                .filter(family -> family.names().matcher(name).matches())
                .findFirst()
                .map(Family::why);
    }
}
