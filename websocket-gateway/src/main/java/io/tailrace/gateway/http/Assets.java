// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of src/main/web, in memory: the console, and the client of the protocol. Compressed once, at the start. Browsers ask each time
 * whether what they have is still good, so a new version of the broker is never looked at through an old page.
 */
public final class Assets {

    /** Nothing from elsewhere, nothing inline, nobody's frame. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> CONSOLE = List.of(
            "api.js",
            "app.js",
            "charts.js",
            "configs.js",
            "console.css",
            "decode.js",
            "dialogs.js",
            "dom.js",
            "group.js",
            "groups.js",
            "icon.svg",
            "lists.js",
            "overview.js",
            "palette.js",
            "produce.js",
            "records.js",
            "search.js",
            "settings-store.js",
            "settings.js",
            "topic.js",
            "topics.js");

    private record Asset(Buffer body, Buffer compressed, String type, String tag) {}

    private final Map<String, Asset> byPath;

    private Assets(Map<String, Asset> byPath) {
        this.byPath = byPath;
    }

    /** Reads them; blocks. */
    public static Assets load() throws IOException {
        Map<String, Asset> assets = new HashMap<>();
        assets.put("/", asset("index.html"));
        for (String name : List.of("client.js", "client.d.ts", "openapi.json", "asyncapi.json")) {
            assets.put("/" + name, asset(name));
        }
        for (String name : CONSOLE) {
            assets.put("/console/" + name, asset("console/" + name));
        }
        return new Assets(Map.copyOf(assets));
    }

    private static Asset asset(String name) throws IOException {
        try (InputStream file = Assets.class.getResourceAsStream("/io/tailrace/gateway/web/" + name)) {
            if (file == null) {
                throw new IOException("the program was built without " + name);
            }
            byte[] bytes = file.readAllBytes();
            return new Asset(Buffer.buffer(bytes), Buffer.buffer(compress(bytes)), type(name), tag(bytes));
        }
    }

    private static byte[] compress(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String tag(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            case "json" -> "application/json";
            default -> "text/plain; charset=utf-8";
        };
    }

    /** False if there is nothing at this path. */
    boolean serve(String path, HttpServerRequest request) {
        Asset asset = byPath.get(path);
        if (asset == null) {
            return false;
        }
        HttpServerResponse response = request.response()
                .putHeader("content-type", asset.type)
                .putHeader("cache-control", "no-cache")
                .putHeader("etag", asset.tag)
                .putHeader("vary", "accept-encoding")
                .putHeader("content-security-policy", POLICY)
                .putHeader("referrer-policy", "no-referrer");
        // Who went away in the meantime gets nothing.
        if (asset.tag.equals(request.getHeader("if-none-match"))) {
            response.setStatusCode(304).end().onFailure(lost -> {});
        } else if (takesGzip(request.getHeader("accept-encoding"))) {
            response.putHeader("content-encoding", "gzip").end(asset.compressed).onFailure(lost -> {});
        } else {
            response.end(asset.body).onFailure(lost -> {});
        }
        return true;
    }

    private static boolean takesGzip(@Nullable String accepted) {
        return accepted != null && accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    }
}
