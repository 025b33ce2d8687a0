// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The files of src/main/web, in memory. */
public final class Assets {

    private record Asset(Buffer body, String type) {}

    private final Map<String, Asset> byPath;

    private Assets(Map<String, Asset> byPath) {
        this.byPath = byPath;
    }

    /** Reads them; blocks. */
    public static Assets load() throws IOException {
        return new Assets(Map.of(
                "/", asset("index.html", "text/html; charset=utf-8"),
                "/client.js", asset("client.js", "text/javascript; charset=utf-8"),
                "/client.d.ts", asset("client.d.ts", "text/plain; charset=utf-8")));
    }

    private static Asset asset(String name, String type) throws IOException {
        try (InputStream file = Assets.class.getResourceAsStream("/io/tailrace/gateway/web/" + name)) {
            if (file == null) {
                throw new IOException("the program was built without " + name);
            }
            return new Asset(Buffer.buffer(file.readAllBytes()), type);
        }
    }

    /** False if there is nothing at this path. */
    boolean serve(String path, HttpServerResponse response) {
        Asset asset = byPath.get(path);
        if (asset == null) {
            return false;
        }
        response.putHeader("content-type", asset.type)
                .putHeader("cache-control", "no-cache")
                .putHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
                .end(asset.body)
                .onFailure(lost -> {});
        return true;
    }
}
