// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.ServerFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes frames of {@code tailrace.v1.json}, but for records. */
public final class ServerFrames {

    private ServerFrames() {}

    public static String text(ServerFrame frame) {
        return json(frame).encode();
    }

    private static JsonObject json(ServerFrame frame) {
        return switch (frame) {
            case ServerFrame.Welcome it -> {
                JsonObject welcome = type("welcome")
                        .put("connection", it.connection())
                        .put("node", it.node())
                        .put("limits", limits(it.limits()));
                it.resumed().ifPresent(resumed -> welcome.put("resumed", resumed));
                yield welcome;
            }
            case ServerFrame.Subscribed it -> {
                JsonObject positions = new JsonObject();
                it.tokens()
                        .forEach((partition, token) -> positions.put(
                                Integer.toString(partition),
                                new JsonObject().put("offset", token.offset()).put("token", token.text())));
                yield type("subbed").put("id", it.id()).put("positions", positions);
            }
            case ServerFrame.Assigned it ->
                type("assigned")
                        .put("id", it.id())
                        .put("partition", it.partition())
                        .put("offset", it.token().offset())
                        .put("token", it.token().text());
            case ServerFrame.Revoked it ->
                type("revoked")
                        .put("id", it.id())
                        .put(
                                "partitions",
                                new JsonArray(it.partitions().stream().sorted().toList()))
                        .put("withinMs", it.withinMs());
            case ServerFrame.Committed it ->
                type("committed").put("id", it.id()).put("seq", it.seq());
            case ServerFrame.Gap it ->
                type("gap")
                        .put("id", it.id())
                        .put("partition", it.partition())
                        .put("from", it.fromOffset())
                        .put("to", it.toOffset())
                        .put("reason", it.reason().text());
            case ServerFrame.State it ->
                type("state")
                        .put("id", it.id())
                        .put("partition", it.partition())
                        .put("state", it.state().text());
            case ServerFrame.Unsubscribed it -> type("unsubbed").put("id", it.id());
            case ServerFrame.Published it -> published(it);
            case ServerFrame.Producer it -> type("producer").put("producer", it.text());
            case ServerFrame.Failed it -> failed(it);
            case ServerFrame.Pong it -> type("pong");
            case ServerFrame.Drain it -> type("drain").put("afterMs", it.afterMs());
        };
    }

    private static JsonObject published(ServerFrame.Published published) {
        JsonObject json = type("pubbed").put("seq", published.seq()).put("partition", published.partition());
        if (published.offset() >= 0) {
            json.put("offset", published.offset());
        }
        if (!published.receipt().isEmpty()) {
            json.put("receipt", published.receipt());
        }
        return json;
    }

    private static JsonObject failed(ServerFrame.Failed failed) {
        JsonObject json = type("err");
        failed.id().ifPresent(id -> json.put("id", id));
        failed.seq().ifPresent(seq -> json.put("seq", seq));
        return json.put("code", failed.code().text())
                .put("retriable", failed.code().retriable())
                .put("text", failed.text());
    }

    private static JsonObject limits(Limits limits) {
        return new JsonObject()
                .put("frameBytes", limits.frameBytes())
                .put("subscriptions", limits.subscriptions())
                .put("publishRecords", limits.publishRecords())
                .put("publishBytes", limits.publishBytes())
                .put("pingMs", limits.pingMs());
    }

    private static JsonObject type(String type) {
        return new JsonObject().put("type", type);
    }
}
