// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership;

import java.util.List;

/**
 * How a node takes part in the membership.
 *
 * @param clusterName only who knows the cluster's secret can make it
 * @param host of the address that is bound; a name is looked up once
 * @param publicHost what other members are told to dial
 * @param members {@code host:port} of all members that are known beforehand, this one among them or not
 */
public record MembershipConfig(
        int nodeId, String clusterName, String host, String publicHost, int port, List<String> members) {

    public MembershipConfig {
        members = List.copyOf(members);
    }
}
