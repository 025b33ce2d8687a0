// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What clients offer in {@code Sec-WebSocket-Extensions} (RFC 6455, section 9.1), as far as it is {@code permessage-deflate} (RFC 7692) without memory
 * from one message to the next: only then is the compressed form of a message the same for all who get it, and costs a connection nothing.
 */
public final class DeflateOffer {

    /** What is answered to an offer that is accepted. */
    public static final String ANSWER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    private static final String NAME = "permessage-deflate";

    private DeflateOffer() {}

    /** @param header all values of it, with commas; null if there is none */
    public static boolean isAcceptable(@Nullable String header) {
        return header != null && Arrays.stream(header.split(",")).anyMatch(DeflateOffer::isOne);
    }

    private static boolean isOne(String offer) {
        String[] parts = offer.split(";");
        if (!parts[0].strip().equalsIgnoreCase(NAME)) {
            return false;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String name = pair[0].strip().toLowerCase(Locale.ROOT);
            String value = pair.length == 1 ? "" : pair[1].strip().replaceAll("^\"(.*)\"$", "$1");
            if (!seen.add(name) || !isHonoured(name, value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHonoured(String name, String value) {
        return switch (name) {
            case "server_no_context_takeover", "client_no_context_takeover" -> value.isEmpty();
            // The client may compress with less; it is not told to.
            case "client_max_window_bits" -> value.isEmpty() || value.matches("[89]|1[0-5]");
            // What is here compresses with the widest window only.
            case "server_max_window_bits" -> value.equals("15");
            default -> false;
        };
    }
}
