// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.NewRecord;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records that clients hand in. Bytes are a string (its UTF-8), {@code {"base64": "…"}}, {@code {"json": anything}} (its text, without
 * spaces), or null.
 */
final class NewRecords {

    private NewRecords() {}

    static NewRecord of(JsonFields fields) {
        int partition =
                fields.has("partition") ? JsonFields.partition(fields.any("partition")) : NewRecord.ANY_PARTITION;
        List<NewRecord.Header> headers = new ArrayList<>();
        for (Object header : fields.list("headers")) {
            if (!(header instanceof JsonArray pair) || pair.size() != 2 || !(pair.getValue(0) instanceof String name)) {
                throw new BadFrameException("a header must be an array of its name and its value");
            }
            headers.add(new NewRecord.Header(name, bytes("headers", pair.getValue(1))));
        }
        return new NewRecord(
                partition, bytes("key", fields.any("key")), bytes("value", fields.any("value")), List.copyOf(headers));
    }

    static byte @Nullable [] bytes(String name, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (value instanceof JsonObject object && object.size() == 1) {
            if (object.getValue("base64") instanceof String base64) {
                try {
                    return Base64.getDecoder().decode(base64);
                } catch (IllegalArgumentException notBase64) {
                    throw new BadFrameException("\"" + name + "\" is not base64");
                }
            }
            if (object.containsKey("json")) {
                return Json.encode(object.getValue("json")).getBytes(StandardCharsets.UTF_8);
            }
        }
        throw new BadFrameException("\"" + name + "\" must be a string, {\"base64\": …}, {\"json\": …} or null");
    }
}
