// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.log.Publisher;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.From;
import io.tailrace.gateway.session.NewRecord;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.Start;
import io.tailrace.gateway.wire.BadFrameException;
import io.tailrace.gateway.wire.ClientFrames;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.acl.AclOperation;

/** {@code /v1/topics/:topic/records}: GET streams them as server-sent events, POST writes some. */
final class RecordsResource {

    private final Shared shared;

    RecordsResource(Shared shared) {
        this.shared = shared;
    }

    void get(HttpServerRequest request, Visitor visitor, String name) {
        HttpServerResponse response = request.response();
        Topics.Found found = shared.topics().find(name, visitor, AclOperation.READ);
        TopicImage topic = found.topic();
        if (topic == null) {
            Answers.error(response, found.error(), found.text(name));
            return;
        }
        if (shared.pulse().isFull()) {
            Answers.error(response, ErrorCode.UNAVAILABLE, "too many connections");
            return;
        }
        From from = from(request);
        List<Integer> asked = request.params().getAll("partition").stream()
                .map(text -> (int) Math.min(Integer.MAX_VALUE, number("partition", text)))
                .toList();
        List<Integer> partitions = Topics.partitions(topic, asked);
        if (partitions == null) {
            Answers.error(response, ErrorCode.UNKNOWN_PARTITION, name + " has no such partition");
            return;
        }
        new EventStream(response, shared, topic, ClientFrames.filter(request.getParam("filter")), pace(request))
                .start(from, partitions, asked.isEmpty());
    }

    private static Pace pace(HttpServerRequest request) {
        String mode = request.getParam("mode");
        String everyMs = request.getParam("everyMs");
        return ClientFrames.pace(
                mode == null ? "all" : mode,
                everyMs == null ? OptionalLong.empty() : OptionalLong.of(number("everyMs", everyMs)));
    }

    private static From from(HttpServerRequest request) {
        String last = request.getHeader("last-event-id");
        if (last != null && !last.isEmpty()) {
            return ClientFrames.tokens(List.of(last));
        }
        String timestamp = request.getParam("timestamp");
        if (timestamp != null) {
            return new From.Everywhere(new Start.Timestamp(number("timestamp", timestamp)));
        }
        String from = request.getParam("from");
        return ClientFrames.from(from == null ? "latest" : from);
    }

    private static long number(String name, String text) {
        if (!text.matches("\\d{1,15}")) {
            throw BadFrameException.of(name + " must be a whole number");
        }
        return Long.parseLong(text);
    }

    void post(HttpServerRequest request, Visitor visitor, String name) {
        HttpServerResponse response = request.response();
        String type = request.getHeader("content-type");
        if (type == null || !type.startsWith("application/json")) {
            // Pages of other origins can send other types without asking first.
            Answers.json(
                    response, 415, Answers.error(ErrorCode.UNSUPPORTED, "the content type must be application/json"));
            return;
        }
        Body.read(request, shared.limits().frameBytes())
                .onSuccess(body -> {
                    try {
                        write(response, visitor, name, ClientFrames.records(body));
                    } catch (BadFrameException bad) {
                        Answers.error(response, bad.code(), bad.text());
                    }
                })
                .onFailure(
                        failure -> Answers.error(response, ErrorCode.TOO_LARGE, String.valueOf(failure.getMessage())));
    }

    /** For trying things out: a record with this value. */
    void produce(HttpServerRequest request, Visitor visitor, String name) {
        String message = request.getParam("message");
        if (message == null) {
            throw BadFrameException.of("message must be there");
        }
        NewRecord record =
                new NewRecord(NewRecord.ANY_PARTITION, null, message.getBytes(StandardCharsets.UTF_8), List.of());
        write(request.response(), visitor, name, List.of(record));
    }

    private void write(HttpServerResponse response, Visitor visitor, String name, List<NewRecord> records) {
        Topics.Found found = shared.topics().find(name, visitor, AclOperation.WRITE);
        TopicImage topic = found.topic();
        if (topic == null) {
            Answers.error(response, found.error(), found.text(name));
            return;
        }
        shared.loop().publisher().write(topic, records).onSuccess(results -> {
            int status = 200;
            JsonArray answers = new JsonArray();
            for (Publisher.Result result : results) {
                ErrorCode error = result.error();
                JsonObject answer = new JsonObject().put("partition", result.partition());
                if (error == null) {
                    answer.put("offset", result.offset());
                } else {
                    answer.put("error", Answers.error(error, result.text()));
                    status = status == 200 ? error.httpStatus() : status;
                }
                answers.add(answer);
            }
            int written = (int)
                    results.stream().filter(result -> result.error() == null).count();
            shared.loop().metrics().published(written, results.size() - written);
            Answers.json(response, status, new JsonObject().put("results", answers));
        });
    }
}
