// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.From;
import io.tailrace.gateway.session.GapReason;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.PartitionState;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.stream.Outlet;
import io.tailrace.gateway.stream.SubscriptionHost;
import io.tailrace.gateway.wire.Encoding;
import io.tailrace.gateway.wire.View;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * Records as server-sent events. There are no credits here: the connection itself is the flow control, and what it does not take is not read.
 *
 * <p>After each run of records comes an event without data that only sets the id: one token for all partitions. Browsers send it back as {@code
 * Last-Event-ID}, and go on there. A connection that broke within a run gets the records of that run again.
 */
final class EventStream implements Outlet, Pulsed {

    private static final int WRITE_QUEUE_BYTES = 256 * 1024;

    /** What the response copies at a time. */
    private static final int PIECE_BYTES = 64 * 1024;

    private static final Buffer COMMENT = Buffer.buffer(":\n\n");

    private final HttpServerResponse response;
    private final Shared shared;
    private final Uuid topicId;
    private final SubscriptionHost host;
    private final Map<Integer, ResumeToken.Mark> marks = new TreeMap<>();

    /** What the response has not taken yet, records as references to what all share: a large one for many readers is there once. */
    private final Deque<Buffer> unwritten = new ArrayDeque<>(2);

    /** How much of the first of these is written. */
    private int written;

    /** Whether the stream ends with what is said already. */
    private boolean ending;

    EventStream(HttpServerResponse response, Shared shared, TopicImage topic, Filter filter, Pace pace) {
        this.response = response;
        this.shared = shared;
        this.topicId = topic.id();
        this.host = new SubscriptionHost(
                shared.loop(),
                topic,
                new View(Encoding.EVENTS, filter),
                pace,
                new Credit(Credit.UNLIMITED, Credit.UNLIMITED),
                this);
    }

    /** @param whole whether partitions that are added later belong to it */
    void start(From from, List<Integer> partitions, boolean whole) {
        response.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
        response.drainHandler(drained -> onDrained());
        response.closeHandler(closed -> onClosed());
        // What went wrong closes the connection, which is all that is to be done about it.
        response.exceptionHandler(failure -> {});
        response.putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no")
                .setChunked(true);
        shared.pulse().add(this);
        shared.loop().metrics().streams(1);
        if (whole) {
            host.follow();
        }
        host.open(from.starts(topicId, partitions));
    }

    private void onDrained() {
        writeOn();
        if (!isFull()) {
            host.socketDrained();
        }
    }

    private void onClosed() {
        unwritten.clear();
        shared.pulse().remove(this);
        shared.loop().metrics().streams(-1);
        host.close();
    }

    @Override
    public void opened(Map<Integer, Position> positions) {
        positions.forEach((partition, position) -> marks.put(partition, new ResumeToken.Mark(partition, position, -1)));
        event("open", new JsonObject().put("topicId", topicId.toString()));
        mark();
    }

    @Override
    public void added(int partition, Position position) {
        marks.put(partition, new ResumeToken.Mark(partition, position, -1));
        mark();
    }

    @Override
    public void deliver(int partition, Chunk<Buffer> chunk) {
        marks.put(partition, new ResumeToken.Mark(partition, chunk.next(), -1));
        write(chunk.body());
        mark();
    }

    @Override
    public void gap(int partition, long fromOffset, long toOffset, GapReason reason) {
        event(
                "gap",
                new JsonObject()
                        .put("partition", partition)
                        .put("from", fromOffset)
                        .put("to", toOffset)
                        .put("reason", reason.text()));
    }

    @Override
    public void state(int partition, PartitionState state) {
        event("state", new JsonObject().put("partition", partition).put("state", state.text()));
    }

    @Override
    public void gone() {
        event("gone", new JsonObject().put("text", "the topic was deleted"));
        ending = true;
        writeOn();
    }

    @Override
    public boolean isFull() {
        return !unwritten.isEmpty() || response.writeQueueFull();
    }

    @Override
    public void pulse(long nowMs) {
        if (!isFull()) {
            write(COMMENT);
        }
    }

    /** In the middle of a record nothing can be said: it has no end then, and readers pass over it. */
    @Override
    public void drain(long afterMs) {
        if (!isOver()) {
            String last = unwritten.isEmpty() ? "retry: " + afterMs + "\n\n" : "";
            unwritten.clear();
            response.end(last).onFailure(lost -> {});
        }
    }

    private void mark() {
        write(Buffer.buffer("id: " + new ResumeToken(topicId, List.copyOf(marks.values())).text() + "\n\n"));
    }

    private void event(String name, JsonObject data) {
        write(Buffer.buffer("event: " + name + "\ndata: " + data.encode() + "\n\n"));
    }

    private void write(Buffer bytes) {
        if (!isOver()) {
            unwritten.add(bytes);
            writeOn();
        }
    }

    private boolean isOver() {
        return response.ended() || response.closed();
    }

    /** As much as the response takes. */
    private void writeOn() {
        while (!unwritten.isEmpty() && !isOver() && !response.writeQueueFull()) {
            Buffer first = unwritten.element();
            int end = Math.min(first.length(), written + PIECE_BYTES);
            // What cannot be written closes the connection, which is noticed.
            response.write(first.slice(written, end)).onFailure(lost -> {});
            written = end;
            if (end == first.length()) {
                unwritten.remove();
                written = 0;
            }
        }
        if (ending && unwritten.isEmpty() && !isOver()) {
            response.end().onFailure(lost -> {});
        }
    }
}
