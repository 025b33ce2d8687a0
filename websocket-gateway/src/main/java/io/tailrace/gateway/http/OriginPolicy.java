// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whose pages may talk to the gateway: those it serves itself, and those of the origins an operator named. Browsers let any page open a
 * WebSocket to anywhere, so it is the server that has to refuse. Programs that are no browsers send no origin, and pass.
 *
 * <p>A server that is bound to loopback also insists on being called by a loopback name: otherwise a page could have its own name resolve to
 * 127.0.0.1 and be of the "same origin" (DNS rebinding).
 */
final class OriginPolicy {

    private final List<String> allowed;
    private final boolean loopbackOnly;

    OriginPolicy(String boundHost, List<String> allowed) {
        this.allowed = allowed.stream().map(OriginPolicy::lower).toList();
        this.loopbackOnly = isLoopback(boundHost);
    }

    boolean allows(MultiMap headers) {
        String host = headers.get(HttpHeaders.HOST);
        if (loopbackOnly && (host == null || !isLoopback(name(host)))) {
            return false;
        }
        String origin = headers.get(HttpHeaders.ORIGIN);
        return origin == null || isNamed(origin) || (host != null && isSame(origin, host));
    }

    /** The origin to name in an answer to a page of another origin. */
    Optional<String> shared(MultiMap headers) {
        return Optional.ofNullable(headers.get(HttpHeaders.ORIGIN)).filter(this::isNamed);
    }

    private boolean isNamed(String origin) {
        return allowed.contains("*") || allowed.contains(lower(origin));
    }

    private static boolean isSame(String origin, String host) {
        int scheme = origin.indexOf("://");
        return scheme > 0 && lower(origin.substring(scheme + 3)).equals(lower(host));
    }

    private static boolean isLoopback(String name) {
        String lower = lower(name);
        return lower.equals("localhost")
                || lower.endsWith(".localhost")
                || lower.equals("::1")
                || lower.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    /** A host header without its port. */
    private static String name(String host) {
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end < 0 ? host : host.substring(1, end);
        }
        int colon = host.indexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
