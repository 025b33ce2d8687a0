// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.admin.AdminException;
import io.tailrace.gateway.admin.AdminRoutes;
import io.tailrace.gateway.session.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries {@link AdminRoutes} over HTTP: bodies in, answers and refusals out. */
final class AdminResource {

    private static final Logger LOG = LoggerFactory.getLogger(AdminResource.class);

    /** A topic with a thousand settings has less. */
    private static final int MOST_BODY_BYTES = 256 * 1024;

    private final AdminRoutes routes;

    AdminResource(AdminRoutes routes) {
        this.routes = routes;
    }

    /** @param path behind the prefix */
    void answer(HttpServerRequest request, Visitor visitor, String path) {
        HttpServerResponse response = request.response();
        String method = request.method().name();
        Set<String> methods = routes.methods(path);
        if (methods.isEmpty()) {
            Answers.json(response, 404, error("not-found", false, "there is nothing at this address"));
        } else if (!methods.contains(method)) {
            response.putHeader("allow", String.join(", ", methods));
            Answers.json(response, 405, error("method-not-allowed", false, "here: " + String.join(", ", methods)));
        } else if (request.method().equals(HttpMethod.GET)) {
            send(response, ask(request, visitor, path, null));
        } else {
            withBody(request, visitor, path);
        }
    }

    private void withBody(HttpServerRequest request, Visitor visitor, String path) {
        HttpServerResponse response = request.response();
        String type = request.getHeader("content-type");
        if (type != null && !type.startsWith("application/json")) {
            Answers.json(
                    response, 415, Answers.error(ErrorCode.UNSUPPORTED, "the content type must be application/json"));
            return;
        }
        Body.read(request, MOST_BODY_BYTES)
                .onSuccess(body -> {
                    JsonObject json;
                    try {
                        json = body.isBlank() ? new JsonObject() : new JsonObject(body);
                    } catch (DecodeException bad) {
                        Answers.error(response, ErrorCode.BAD_FRAME, "the body must be a JSON object");
                        return;
                    }
                    if (!body.isBlank() && type == null) {
                        Answers.json(
                                response,
                                415,
                                Answers.error(ErrorCode.UNSUPPORTED, "the content type must be application/json"));
                        return;
                    }
                    send(response, ask(request, visitor, path, json));
                })
                .onFailure(
                        failure -> Answers.error(response, ErrorCode.TOO_LARGE, String.valueOf(failure.getMessage())));
    }

    private Future<JsonObject> ask(HttpServerRequest request, Visitor visitor, String path, @Nullable JsonObject body) {
        Map<String, String> query = new HashMap<>();
        request.params().forEach(query::put);
        return routes.answer(visitor, request.method().name(), path, query, body);
    }

    private static void send(HttpServerResponse response, Future<JsonObject> answer) {
        answer.onSuccess(json -> Answers.json(response, 200, json)).onFailure(failure -> {
            if (failure instanceof AdminException refused) {
                Answers.json(
                        response,
                        refused.httpStatus(),
                        error(refused.code(), refused.retriable(), String.valueOf(refused.getMessage())));
            } else {
                LOG.error("a request for administration failed", failure);
                Answers.error(response, ErrorCode.INTERNAL, "see the log of the server");
            }
        });
    }

    private static JsonObject error(String code, boolean retriable, String text) {
        return new JsonObject().put("code", code).put("retriable", retriable).put("text", text);
    }
}
