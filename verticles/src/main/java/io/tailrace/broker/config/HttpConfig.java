// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import io.tailrace.broker.peer.PeerAddress;
import java.util.List;
import java.util.Optional;

/**
 * The HTTP listener of the gateway.
 *
 * @param port 0 to let the system choose one
 * @param allowedOrigins of which other servers pages may connect
 * @param handshakesPerSecond WebSockets that each core opens in a second
 * @param handshakeBurst of those, how many at once after a while without
 * @param compresses whether records go compressed to WebSockets that want it
 * @param advertised what Kafka clients that come by WebSocket are told of this node; absent for where it listens
 * @param developmentTopic where GET /rest/api/producerMsg writes; absent if there is no such address
 */
public record HttpConfig(
        String host,
        int port,
        List<String> allowedOrigins,
        int handshakesPerSecond,
        int handshakeBurst,
        boolean compresses,
        Optional<ListenerAddress> advertised,
        Optional<String> developmentTopic) {

    /** The name under which nodes register where Kafka's protocol is served over WebSocket. */
    public static final String WEB_SOCKET = "WEBSOCKET";

    /** That listener; encryption is a matter of whoever stands before it. */
    public ListenerAddress webSocketListener() {
        return webSocket(host, port);
    }

    private static ListenerAddress webSocket(String host, int port) {
        return new ListenerAddress(WEB_SOCKET, "PLAINTEXT", host, port);
    }

    static final Key<String> HOST = Key.text(
            "http.host",
            "localhost",
            "a host name or address",
            "Where HTTP and WebSocket listen: browsers, server-sent events, the console at /.");
    static final Key<Integer> PORT = Key.integer(
            "http.port",
            8080,
            0,
            65_535,
            "",
            "Port of HTTP and WebSocket; 0 to have one chosen. If the default is taken and was not set here, the node runs without.");
    static final Key<List<String>> ALLOWED_ORIGINS = Key.list(
            "http.allowed.origins",
            "",
            "a list of origins such as https://example.org, or *",
            "Pages of which other origins may use HTTP and WebSocket. Those that this node serves itself always may.");
    static final Key<Integer> HANDSHAKES_PER_SECOND = Key.integer(
            "http.handshakes.per.second",
            1_000,
            1,
            1_000_000,
            "connections",
            "WebSockets that each core opens in a second when all come at once. As many wait for a second at most; others are told when to come again (503, Retry-After).");
    static final Key<Integer> HANDSHAKE_BURST = Key.integer(
            "http.handshake.burst",
            5_000,
            1,
            1_000_000,
            "connections",
            "WebSockets that each core opens without looking at http.handshakes.per.second, after it has opened none for a while.");
    static final Key<Boolean> COMPRESSION = Key.flag(
            "http.compression.enable",
            false,
            "Whether records go compressed to WebSockets that offer permessage-deflate, as browsers do. What many get is compressed once. It saves bytes and costs time: for networks that are slow or dear.");
    static final Key<Optional<String>> ADVERTISED = Key.optional(
            "http.advertised",
            "host:port",
            "Where Kafka clients that come by WebSocket are told to find this node. If not set: the host in advertised.listeners, or else where this node listens, and http.port.");
    static final Key<Optional<String>> DEVELOPMENT_TOPIC = Key.optional(
            "http.development.topic",
            "a topic name",
            "For trying things out: GET /rest/api/producerMsg?message=hello writes a record to this topic. Off if not set.");

    static final List<Key<?>> KEYS = List.of(
            HOST,
            PORT,
            ALLOWED_ORIGINS,
            HANDSHAKES_PER_SECOND,
            HANDSHAKE_BURST,
            COMPRESSION,
            ADVERTISED,
            DEVELOPMENT_TOPIC);

    static HttpConfig from(Settings settings) {
        return new HttpConfig(
                settings.get(HOST),
                settings.get(PORT),
                settings.get(ALLOWED_ORIGINS),
                settings.get(HANDSHAKES_PER_SECOND),
                settings.get(HANDSHAKE_BURST),
                settings.get(COMPRESSION),
                settings.get(ADVERTISED).flatMap(text -> advertised(settings, text)),
                settings.get(DEVELOPMENT_TOPIC));
    }

    private static Optional<ListenerAddress> advertised(Settings settings, String text) {
        try {
            PeerAddress address = PeerAddress.parse(text);
            return Optional.of(webSocket(address.host(), address.port()));
        } catch (IllegalArgumentException bad) {
            settings.problem(ADVERTISED.name() + ": " + bad.getMessage());
            return Optional.empty();
        }
    }
}
