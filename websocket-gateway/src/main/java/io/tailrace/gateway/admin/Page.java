// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/** A part of a long list: what a console shows at a time. */
record Page(int index, int size) {

    private static final int USUAL = 50;
    private static final int MOST = 500;

    static Page of(Ask ask) {
        return new Page(ask.number("page", 0, 0, 1_000_000), ask.number("size", USUAL, 1, MOST));
    }

    <T> List<T> cut(List<T> all) {
        long from = Math.min(all.size(), (long) index * size);
        return all.subList((int) from, (int) Math.min(all.size(), from + size));
    }

    <T> JsonObject json(List<T> all, Function<T, JsonObject> item) {
        JsonArray items = new JsonArray();
        cut(all).forEach(one -> items.add(item.apply(one)));
        return json(items, all.size());
    }

    JsonObject json(JsonArray items, int total) {
        return new JsonObject()
                .put("items", items)
                .put("total", total)
                .put("page", index)
                .put("size", size);
    }
}
