// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import com.hazelcast.config.TcpIpConfig;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * The members to look for, with names looked up each time Hazelcast asks: when it joins, and every few seconds when it looks for islands to merge with.
 *
 * <p>Hazelcast's own way with names does not do: where it is bound to one interface it takes of a name's addresses only those that are its own, and where it
 * is not, the first. Addresses it takes as they are. Called on threads of Hazelcast's, which may wait for a name server.
 */
final class NamedMembers extends TcpIpConfig {

    private final List<String> members;

    /** @param members {@code host:port}; a name may stand for several */
    NamedMembers(List<String> members) {
        this.members = List.copyOf(members);
    }

    @Override
    public List<String> getMembers() {
        if (members == null) {
            return super.getMembers(); // while the parent is being made
        }
        List<String> addresses = new ArrayList<>();
        for (String member : members) {
            int colon = member.lastIndexOf(':');
            String port = member.substring(colon);
            try {
                for (InetAddress address : InetAddress.getAllByName(member.substring(0, colon))) {
                    String text = address.getHostAddress();
                    addresses.add((address instanceof Inet6Address ? "[" + text + "]" : text) + port);
                }
            } catch (UnknownHostException unknown) {
                addresses.add(member); // Hazelcast says so in its log
            }
        }
        return addresses;
    }
}
