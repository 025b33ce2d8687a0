// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.session.ErrorCode;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Short answers to requests. */
final class Answers {

    private Answers() {}

    static void json(HttpServerResponse response, int status, JsonObject body) {
        send(response.setStatusCode(status).putHeader("content-type", "application/json"), body.encode());
    }

    static void error(HttpServerResponse response, ErrorCode code, String text) {
        json(response, code.httpStatus(), error(code, text));
    }

    static JsonObject error(ErrorCode code, String text) {
        return new JsonObject()
                .put("code", code.text())
                .put("retriable", code.retriable())
                .put("text", text);
    }

    static void text(HttpServerResponse response, int status, String body) {
        send(response.setStatusCode(status).putHeader("content-type", "text/plain; charset=utf-8"), body + "\n");
    }

    /** Metrics, in the text format of Prometheus. */
    static void metrics(HttpServerResponse response, String body) {
        send(response.putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8"), body);
    }

    private static void send(HttpServerResponse response, String body) {
        if (!response.ended() && !response.closed()) {
            // Who went away in the meantime hears nothing.
            response.putHeader("cache-control", "no-store").end(body).onFailure(lost -> {});
        }
    }
}
