// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Where clients reach this node.
 *
 * @param bound what to listen on, at least one, names and ports distinct
 * @param advertised what clients are told; a listener that is not in here tells each client the address that it dialled
 */
public record ListenerConfig(List<ListenerAddress> bound, List<ListenerAddress> advertised) {

    private static final String ADDRESSES = "NAME://host:port, more than one with commas between them";

    static final Key<List<String>> LISTENERS = Key.list(
            "listeners",
            "PLAINTEXT://localhost:9092",
            ADDRESSES,
            "Addresses to listen on. An empty host or 0.0.0.0 listens on every interface: then anyone who reaches the port is let in.");
    static final Key<List<String>> ADVERTISED = Key.list(
            "advertised.listeners",
            "",
            ADDRESSES,
            "Addresses that clients are told to connect to. A listener that is missing here tells each client the address it came by.");
    static final Key<List<String>> PROTOCOLS = Key.list(
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
            "NAME:PROTOCOL, more than one with commas between them; protocols are PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
            "Security protocol of each listener name.");

    private static final Set<String> KNOWN = Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

    static final List<Key<?>> KEYS = List.of(LISTENERS, ADVERTISED, PROTOCOLS);

    static ListenerConfig from(Settings settings) {
        Map<String, String> protocols = protocols(settings);
        List<ListenerAddress> bound = addresses(settings, LISTENERS, protocols);
        List<ListenerAddress> advertised = addresses(settings, ADVERTISED, protocols);
        if (bound.isEmpty() && settings.problems().isEmpty()) {
            settings.problem("listeners is empty: must be " + ADDRESSES);
        }
        Set<String> names = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (ListenerAddress address : bound) {
            if (address.name().equals(HttpConfig.WEB_SOCKET)) {
                settings.problem("listeners: the name " + address.name() + " stands for http.port; use another");
            }
            if (!names.add(address.name())) {
                settings.problem(
                        "listeners: the name " + address.name() + " stands twice; each listener needs its own");
            }
            if (address.port() != 0 && !ports.add(address.port())) {
                settings.problem("listeners: port " + address.port() + " stands twice; each listener needs its own");
            }
        }
        for (ListenerAddress address : advertised) {
            if (!names.contains(address.name())) {
                settings.problem("advertised.listeners: " + address.name() + " is not among listeners " + names);
            } else if (address.wildcard() || address.port() == 0) {
                settings.problem("advertised.listeners: " + address + " cannot be dialled; it needs a host and a port");
            }
        }
        return new ListenerConfig(bound, advertised);
    }

    private static Map<String, String> protocols(Settings settings) {
        Map<String, String> protocols = new HashMap<>();
        for (String pair : settings.get(PROTOCOLS)) {
            String[] parts = pair.toUpperCase(Locale.ROOT).split(":", -1);
            if (parts.length != 2 || parts[0].isBlank() || !KNOWN.contains(parts[1].strip())) {
                settings.problem("listener.security.protocol.map: \"" + pair + "\" must be " + PROTOCOLS.allowed());
            } else {
                protocols.put(parts[0].strip(), parts[1].strip());
            }
        }
        return protocols;
    }

    private static List<ListenerAddress> addresses(
            Settings settings, Key<List<String>> key, Map<String, String> protocols) {
        return settings.get(key).stream()
                .flatMap(text -> {
                    try {
                        return java.util.stream.Stream.of(ListenerAddress.parse(text, protocols));
                    } catch (IllegalArgumentException bad) {
                        settings.problem(key.name() + ": " + bad.getMessage());
                        return java.util.stream.Stream.empty();
                    }
                })
                .toList();
    }
}
