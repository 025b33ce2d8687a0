// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Format;
import io.tailrace.gateway.session.From;
import io.tailrace.gateway.session.NewRecord;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.PublishReceipt;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.session.Start;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads frames of {@code tailrace.v1.json}; throws {@link BadFrameException} on anything else. */
public final class ClientFrames {

    private static final Set<String> RECORD = Set.of("partition", "key", "value", "headers");

    /** Drawn at random by clients; nobody else is to guess it. */
    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9_-]{16,64}");

    /** A longer one is taken for that. */
    private static final long LONGEST_PAUSE_MS = 3_600_000;

    private ClientFrames() {}

    public static ClientFrame parse(String text) {
        JsonFields fields = JsonFields.parse(text);
        String type = fields.text("type");
        return switch (type) {
            case "hello" -> hello(fields);
            case "sub" ->
                subscribe(fields.only(Set.of(
                        "type",
                        "id",
                        "topic",
                        "partitions",
                        "group",
                        "from",
                        "filter",
                        "mode",
                        "everyMs",
                        "format",
                        "credit")));
            case "credit" ->
                new ClientFrame.AddCredit(fields.number("id"), fields.number("records", 0), fields.number("bytes", 0));
            case "unsub" -> new ClientFrame.Unsubscribe(fields.number("id"));
            case "pub" -> publish(fields.only(Set.of("type", "seq", "topic", "partition", "key", "value", "headers")));
            case "commit" -> commit(fields);
            case "release" -> new ClientFrame.Release(fields.number("id"), partitions(fields));
            case "ping" -> new ClientFrame.Ping();
            default -> throw new BadFrameException(ErrorCode.UNSUPPORTED, "type \"" + type + "\" is not known here");
        };
    }

    /** The records in the body of a POST: one object, or an array of them. */
    public static List<NewRecord> records(String text) {
        if (!text.stripLeading().startsWith("[")) {
            return List.of(NewRecords.of(JsonFields.parse(text).only(RECORD)));
        }
        List<NewRecord> records = new ArrayList<>();
        for (Object item : array(text)) {
            if (!(item instanceof JsonObject object)) {
                throw new BadFrameException("a record must be an object");
            }
            records.add(NewRecords.of(new JsonFields(object).only(RECORD)));
        }
        return records;
    }

    private static JsonArray array(String text) {
        try {
            return new JsonArray(text);
        } catch (io.vertx.core.json.DecodeException notJson) {
            throw new BadFrameException("not a JSON array");
        }
    }

    private static ClientFrame hello(JsonFields fields) {
        if (!fields.has("session")) {
            return new ClientFrame.Hello(Optional.empty());
        }
        String session = fields.text("session");
        if (!SESSION.matcher(session).matches()) {
            throw new BadFrameException("\"session\" must be 16 to 64 letters, digits, hyphens or underscores");
        }
        return new ClientFrame.Hello(
                Optional.of(new ClientFrame.Session(session, producer(fields), receipts(fields.list("receipts")))));
    }

    private static long producer(JsonFields fields) {
        if (!fields.has("producer")) {
            return -1;
        }
        try {
            long id = Long.parseLong(fields.text("producer"));
            if (id >= 0) {
                return id;
            }
        } catch (NumberFormatException notOurs) {
            // said below
        }
        throw new BadFrameException(ErrorCode.INVALID_TOKEN, "not a producer of this server");
    }

    private static List<PublishReceipt> receipts(List<?> texts) {
        List<PublishReceipt> receipts = new ArrayList<>(texts.size());
        for (Object text : texts) {
            receipts.add((text instanceof String it ? PublishReceipt.parse(it) : Optional.<PublishReceipt>empty())
                    .orElseThrow(() -> new BadFrameException(ErrorCode.INVALID_TOKEN, "not a receipt of this server")));
        }
        return receipts;
    }

    private static ClientFrame subscribe(JsonFields fields) {
        List<Integer> partitions = List.copyOf(partitions(fields));
        Optional<String> group = fields.has("group") ? Optional.of(fields.text("group")) : Optional.empty();
        if (group.isPresent() && (group.get().isEmpty() || !partitions.isEmpty())) {
            throw new BadFrameException("\"group\" must not be empty, and says itself which partitions");
        }
        long records = 0;
        long bytes = 0;
        if (fields.has("credit")) {
            JsonFields credit = fields.object("credit");
            records = credit.number("records");
            bytes = credit.number("bytes");
        }
        return new ClientFrame.Subscribe(
                fields.number("id"),
                fields.text("topic"),
                partitions,
                group,
                from(fields.any("from")),
                Filters.of(fields.any("filter")),
                pace(fields),
                format(fields),
                records,
                bytes);
    }

    private static Format format(JsonFields fields) {
        String format = fields.has("format") ? fields.text("format") : "records";
        if (!Set.of("records", "batches").contains(format)) {
            throw new BadFrameException("\"format\" must be \"records\" or \"batches\"");
        }
        return format.equals("batches") ? Format.BATCHES : Format.RECORDS;
    }

    private static Pace pace(JsonFields fields) {
        return pace(
                fields.has("mode") ? fields.text("mode") : "all",
                fields.has("everyMs") ? OptionalLong.of(fields.number("everyMs")) : OptionalLong.empty());
    }

    /** How a subscriber wants to be told, in words. */
    public static Pace pace(String mode, OptionalLong everyMs) {
        if (everyMs.isPresent() != mode.equals("sample")) {
            throw new BadFrameException("\"everyMs\" belongs to mode \"sample\", which needs it");
        }
        return switch (mode) {
            case "all" -> Pace.ALL;
            case "latest-per-key" -> new Pace(true, 0);
            case "sample" -> new Pace(true, Math.clamp(everyMs.getAsLong(), 1, LONGEST_PAUSE_MS));
            default -> throw new BadFrameException("\"mode\" must be \"all\", \"latest-per-key\" or \"sample\"");
        };
    }

    private static Set<Integer> partitions(JsonFields fields) {
        Set<Integer> partitions = new LinkedHashSet<>();
        fields.list("partitions").forEach(partition -> partitions.add(JsonFields.partition(partition)));
        return partitions;
    }

    /** By offsets or by tokens; of a token the offset and its epoch count. */
    private static ClientFrame commit(JsonFields fields) {
        Map<Integer, Position> offsets = new TreeMap<>();
        if (fields.has("offsets")) {
            offsets(fields.object("offsets").object())
                    .byPartition()
                    .forEach((partition, offset) -> offsets.put(partition, Position.at(offset)));
        }
        for (ResumeToken token : tokens(fields.list("tokens")).tokens()) {
            token.marks().forEach(mark -> offsets.put(mark.partition(), mark.position()));
        }
        if (offsets.isEmpty()) {
            throw new BadFrameException("\"offsets\" or \"tokens\" must say what to commit");
        }
        return new ClientFrame.Commit(fields.number("id"), fields.number("seq"), offsets);
    }

    private static ClientFrame publish(JsonFields fields) {
        return new ClientFrame.Publish(fields.number("seq"), fields.text("topic"), NewRecords.of(fields));
    }

    private static From from(@Nullable Object from) {
        if (from == null) {
            return new From.Everywhere(new Start.Latest());
        }
        if (from instanceof String word) {
            return from(word);
        }
        if (from instanceof JsonObject object && object.size() == 1) {
            JsonFields fields = new JsonFields(object);
            return switch (object.fieldNames().iterator().next()) {
                case "offset" -> new From.Everywhere(new Start.At(Position.at(fields.number("offset"))));
                case "offsets" -> offsets(fields.object("offsets").object());
                case "timestamp" -> new From.Everywhere(new Start.Timestamp(fields.number("timestamp")));
                case "token" -> tokens(List.of(fields.text("token")));
                case "tokens" -> tokens(fields.list("tokens"));
                default -> throw badFrom();
            };
        }
        throw badFrom();
    }

    /** A filter as JSON text; all records without one. */
    public static Filter filter(@Nullable String text) {
        return Filters.parse(text);
    }

    /** The two starts that have a name. */
    public static From from(String word) {
        return switch (word) {
            case "earliest" -> new From.Everywhere(new Start.Earliest());
            case "latest" -> new From.Everywhere(new Start.Latest());
            default -> throw badFrom();
        };
    }

    /** Tokens as texts. */
    public static From.Tokens tokens(List<?> texts) {
        List<ResumeToken> tokens = new ArrayList<>(texts.size());
        for (Object text : texts) {
            tokens.add(
                    (text instanceof String token ? ResumeToken.parse(token) : java.util.Optional.<ResumeToken>empty())
                            .orElseThrow(() ->
                                    new BadFrameException(ErrorCode.INVALID_TOKEN, "not a token of this server")));
        }
        return new From.Tokens(tokens);
    }

    private static From.Offsets offsets(JsonObject byPartition) {
        Map<Integer, Long> offsets = new TreeMap<>();
        for (Map.Entry<String, Object> entry : byPartition) {
            try {
                offsets.put(Integer.valueOf(entry.getKey()), JsonFields.number("offsets", entry.getValue()));
            } catch (NumberFormatException notNumber) {
                throw new BadFrameException("\"offsets\" must map partitions to offsets");
            }
        }
        return new From.Offsets(offsets);
    }

    private static BadFrameException badFrom() {
        return new BadFrameException(
                "\"from\" must be \"earliest\", \"latest\", or one of {offset}, {offsets}, {timestamp}, {token}, {tokens}");
    }
}
