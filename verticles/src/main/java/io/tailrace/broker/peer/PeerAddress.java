// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

/**
 * Where a node's cluster port is.
 *
 * @param host a name or an address
 * @param port of consensus; the two ports after it are those of membership and of the event bus
 */
public record PeerAddress(String host, int port) {

    /** As {@code host:port}; an IPv6 address stands in brackets. */
    public static PeerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form host:port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port <= 0 || port > 65_533) {
                throw new IllegalArgumentException("\"" + text + "\" needs a port from 1 to 65533");
            }
            return new PeerAddress(host, port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" has no number for a port", e);
        }
    }

    /** Where the node's member of the membership listens. */
    public int membershipPort() {
        return port + 1;
    }

    /** Where the node's event bus listens. */
    public int busPort() {
        return port + 2;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
