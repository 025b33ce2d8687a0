// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is spoken on a WebSocket (RFC 6455, section 1.9), and where. */
enum SubProtocol {
    JSON("tailrace.v1.json", "/v1/socket"),
    BINARY("tailrace.v1.bin", "/v1/socket"),
    KAFKA("kafka", "/kafka"),

    /** The client wants none of what is spoken there. */
    NONE("", ""),

    /** No WebSocket is served there. */
    NOWHERE("", "");

    private final String text;
    private final String path;

    SubProtocol(String text, String path) {
        this.text = text;
        this.path = path;
    }

    static List<String> names() {
        return served().stream().map(it -> it.text).toList();
    }

    private static List<SubProtocol> served() {
        return Arrays.stream(values()).filter(it -> !it.text.isEmpty()).toList();
    }

    /**
     * The one that the handshake will end with: the first of the client's that is served at all, which has to be served there. A client that
     * names none is taken to know where it is.
     *
     * @param wanted the header, names with commas between them
     */
    static SubProtocol at(@Nullable String path, @Nullable String wanted) {
        List<SubProtocol> there =
                served().stream().filter(it -> it.path.equals(path)).toList();
        if (there.isEmpty()) {
            return NOWHERE;
        }
        if (wanted == null) {
            return there.get(0);
        }
        for (String name : wanted.split(",", -1)) {
            for (SubProtocol known : served()) {
                if (known.text.equals(name.strip())) {
                    return there.contains(known) ? known : NONE;
                }
            }
        }
        return NONE;
    }
}
