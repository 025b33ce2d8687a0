// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber. Looks into data frames only for the marks of the bench, and notices what is missing or comes twice.
 *
 * <p>Belongs to the event loop of its socket; the counters may be read from elsewhere.
 */
final class Client {

    private static final byte[] DATA = "{\"type\":\"data\"".getBytes(StandardCharsets.US_ASCII);
    private static final int TOKEN_WITHIN = 400;
    private static final int BINARY_RECORDS = 1;
    private static final int BINARY_BATCHES = 5;

    private final int number;
    private final Request request;
    private final LongConsumer latencyNs;
    private final Map<Integer, String> tokens = new TreeMap<>();
    private @Nullable WebSocket socket;
    private @Nullable Runnable onOpen;
    private long next = -1;
    private volatile long received;
    private volatile long wrong;

    /**
     * What to subscribe to.
     *
     * @param keyed whether client n wants key n and nothing else; its records are numbered then, one by one
     * @param records credit; 0 to get nothing
     * @param resumes whether tokens are kept, to come back with
     * @param binary what binary messages bring, "records" or "batches", all of one partition; null for JSON
     */
    record Request(@Nullable String topic, boolean keyed, long records, boolean resumes, @Nullable String binary) {

        Request(@Nullable String topic, boolean keyed, long records, boolean resumes) {
            this(topic, keyed, records, resumes, null);
        }

        /** Whether the numbers of the records rise one by one. */
        boolean isNumbered() {
            return keyed || binary != null;
        }
    }

    Client(int number, Request request, LongConsumer latencyNs) {
        this.number = number;
        this.request = request;
        this.latencyNs = latencyNs;
    }

    String subProtocol() {
        return request.binary == null ? "tailrace.v1.json" : "tailrace.v1.bin";
    }

    /** Says hello and subscribes. @param open told when the server has said where the subscription begins, or has welcomed one without */
    void start(WebSocket opened, Runnable open) {
        socket = opened;
        onOpen = open;
        opened.handler(this::onFrame);
        send(new JsonObject().put("type", "hello"));
        if (request.topic != null) {
            JsonObject subscribe = new JsonObject()
                    .put("type", "sub")
                    .put("id", 1)
                    .put("topic", request.topic)
                    .put(
                            "credit",
                            new JsonObject().put("records", request.records).put("bytes", request.records * 4096));
            if (request.keyed) {
                subscribe.put(
                        "filter", new JsonObject().put("key", new String(Load.key(number), StandardCharsets.US_ASCII)));
            }
            if (request.binary != null) {
                subscribe.put("format", request.binary);
            }
            if (!tokens.isEmpty()) {
                subscribe.put(
                        "from",
                        new JsonObject().put("tokens", tokens.values().stream().toList()));
            }
            send(subscribe);
        }
    }

    private void send(JsonObject frame) {
        WebSocket open = socket;
        if (open != null) {
            // A socket that fails is missed when what it should bring does not come.
            open.writeTextMessage(frame.encode()).onFailure(lost -> {});
        }
    }

    private void onFrame(Buffer frame) {
        if (isData(frame)) {
            long nowNs = System.nanoTime();
            Mark.find(frame, (dueNs, mark) -> onRecord(nowNs - dueNs, mark));
            if (request.resumes) {
                keepToken(frame);
            }
        } else {
            onOther(frame.toJsonObject());
        }
    }

    private boolean isData(Buffer frame) {
        return request.binary == null
                ? isJsonData(frame)
                : frame.getByte(0) == BINARY_RECORDS || frame.getByte(0) == BINARY_BATCHES;
    }

    private static boolean isJsonData(Buffer frame) {
        if (frame.length() < DATA.length) {
            return false;
        }
        for (int i = 0; i < DATA.length; i++) {
            if (frame.getByte(i) != DATA[i]) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written on one event loop only
    private void onRecord(long ageNs, long mark) {
        if (request.isNumbered()) {
            wrong += next >= 0 && mark != next ? 1 : 0;
            next = mark + 1;
        }
        received++;
        latencyNs.accept(ageNs);
    }

    private void keepToken(Buffer frame) {
        String end = frame.getString(Math.max(0, frame.length() - TOKEN_WITHIN), frame.length(), "US-ASCII");
        int at = end.lastIndexOf("\"token\":\"");
        int partitionAt = "{\"type\":\"data\",\"id\":1,\"partition\":".length();
        String begin = frame.getString(partitionAt, partitionAt + 8, "US-ASCII");
        if (at >= 0) {
            tokens.put(
                    Integer.parseInt(begin.substring(0, begin.indexOf(','))),
                    end.substring(at + "\"token\":\"".length(), end.length() - 2));
        }
    }

    private void onOther(JsonObject frame) {
        switch (frame.getString("type")) {
            case "welcome" -> {
                if (request.topic == null) {
                    opened();
                }
            }
            case "subbed" -> {
                if (request.resumes) {
                    frame.getJsonObject("positions")
                            .forEach(it -> tokens.put(
                                    Integer.valueOf(it.getKey()), ((JsonObject) it.getValue()).getString("token")));
                }
                opened();
            }
            case "err", "gap" -> throw new IllegalStateException("client " + number + " was told " + frame.encode());
            default -> {}
        }
    }

    private void opened() {
        Runnable open = onOpen;
        onOpen = null;
        if (open != null) {
            open.run();
        }
    }

    /** Cuts the connection without a word. */
    void cut() {
        WebSocket open = socket;
        if (open != null) {
            open.handler(null);
            open.close().onFailure(lost -> {});
        }
    }

    long received() {
        return received;
    }

    /** Records that were missing, came twice, or in the wrong order. */
    long wrong() {
        return wrong;
    }

    /** The number that the next record of this client's key must have; -1 if none came yet. */
    long next() {
        return next;
    }
}
