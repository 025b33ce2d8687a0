// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import java.util.OptionalInt;

/**
 * Addresses of the event bus. They name nodes and shards, never partitions, topics, groups or roles: the number of registrations does not
 * grow with the data, and who leads what is found in the cluster image and checked by the receiver.
 *
 * <p>Shard addresses are local to their process; node addresses are clustered.
 */
public final class Addresses {

    private static final String CONTROLLER = "controller.";
    private static final String GATEWAY = "gateway.";

    /** All that is clustered, each with a node's id behind it. */
    private static final List<String> CLUSTERED = List.of(CONTROLLER, GATEWAY);

    private Addresses() {}

    /** The partition-log shard: takes {@link LogRequest}. Local. */
    public static String log(int node, int shard) {
        return "log." + node + '.' + shard;
    }

    /** The group-coordination shard. Local. */
    public static String group(int node, int shard) {
        return "group." + node + '.' + shard;
    }

    /** Where a node answers Kafka's APIs to other parts of itself: takes {@link ApiCall}. Local. */
    public static String api(int node) {
        return "api." + node;
    }

    /** Where a node answers the gateways of other nodes. Clustered. */
    public static String gateway(int node) {
        return GATEWAY + node;
    }

    /** Where a node takes commands for the controller, should it be it. Clustered. */
    public static String controller(int node) {
        return CONTROLLER + node;
    }

    /** Every clustered address of a node. */
    public static List<String> clustered(int node) {
        return CLUSTERED.stream().map(family -> family + node).toList();
    }

    /** The node that a clustered address names; empty for any other text. */
    public static OptionalInt nodeOf(String address) {
        for (String family : CLUSTERED) {
            if (address.startsWith(family)) {
                try {
                    return OptionalInt.of(Integer.parseInt(address, family.length(), address.length(), 10));
                } catch (NumberFormatException notOurs) {
                    return OptionalInt.empty();
                }
            }
        }
        return OptionalInt.empty();
    }
}
