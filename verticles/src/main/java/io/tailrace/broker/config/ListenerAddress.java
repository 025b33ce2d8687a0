// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.Locale;
import java.util.Map;

/**
 * One address of a listener, as {@code NAME://host:port}.
 *
 * @param name of the listener, upper case; the same in {@code listeners} and {@code advertised.listeners}
 * @param securityProtocol PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
 * @param host what to bind or to tell clients; empty binds every interface
 * @param port 0 to let the system choose one
 */
public record ListenerAddress(String name, String securityProtocol, String host, int port) {

    /**
     * Reads one {@code NAME://host:port}; the host may be empty or an IPv6 address in brackets.
     *
     * @param protocols security protocol by listener name
     * @throws IllegalArgumentException naming what is wrong
     */
    static ListenerAddress parse(String text, Map<String, String> protocols) {
        int scheme = text.indexOf("://");
        int colon = text.lastIndexOf(':');
        if (scheme <= 0 || colon < scheme + 3) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form NAME://host:port");
        }
        String name = text.substring(0, scheme).toUpperCase(Locale.ROOT);
        String host = text.substring(scheme + 3, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        String protocol = protocols.get(name);
        if (protocol == null) {
            throw new IllegalArgumentException("listener " + name + " has no entry in listener.security.protocol.map");
        }
        return new ListenerAddress(name, protocol, host, port(text, text.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            Key.require(port >= 0 && port <= 65_535);
            return port;
        } catch (IllegalArgumentException bad) {
            throw new IllegalArgumentException("\"" + text + "\" has no port from 0 to 65535", bad);
        }
    }

    /** Whether only this machine can reach it; decided by the text alone, no name is looked up. */
    public boolean loopback() {
        return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("::1");
    }

    /** Whether it binds every interface, and so names no address that a client could dial. */
    public boolean wildcard() {
        return wildcard(host);
    }

    /** Whether a host stands for every interface. */
    public static boolean wildcard(String host) {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }

    @Override
    public String toString() {
        return name + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
