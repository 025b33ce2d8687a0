// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.GapReason;
import io.tailrace.gateway.session.PartitionState;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.session.ServerFrame;
import io.tailrace.gateway.stream.Outlet;
import io.tailrace.gateway.wire.ServerFrames;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * Output of one subscription on a WebSocket.
 *
 * <p>Records are one text message in two fragments: a short one with the subscription's id, and the records, which are the same bytes for
 * everybody who gets them. A server does not mask, so nobody writes into the shared bytes.
 */
final class WebSocketOutlet implements Outlet {

    private final ServerWebSocket socket;
    private final long id;
    private final Uuid topicId;
    private final Runnable onGone;
    private final String head;

    WebSocketOutlet(ServerWebSocket socket, long id, Uuid topicId, Runnable onGone) {
        this.socket = socket;
        this.id = id;
        this.topicId = topicId;
        this.onGone = onGone;
        this.head = "{\"type\":\"data\",\"id\":" + id + ",";
    }

    static void send(ServerWebSocket socket, ServerFrame frame) {
        // A socket that fails closes, and its close handler cleans up.
        socket.writeTextMessage(ServerFrames.text(frame)).onFailure(lost -> {});
    }

    @Override
    public void opened(Map<Integer, Position> positions) {
        Map<Integer, ServerFrame.Token> tokens = new TreeMap<>();
        positions.forEach((partition, position) -> tokens.put(
                partition,
                new ServerFrame.Token(
                        position.offset(),
                        new ResumeToken(topicId, List.of(new ResumeToken.Mark(partition, position, -1))).text())));
        tell(new ServerFrame.Subscribed(id, tokens));
    }

    @Override
    public void deliver(int partition, Chunk<Buffer> chunk) {
        if (!socket.isClosed()) {
            socket.writeFrame(WebSocketFrame.textFrame(head, false)).onFailure(lost -> {});
            socket.writeFrame(WebSocketFrame.continuationFrame(chunk.body(), true))
                    .onFailure(lost -> {});
        }
    }

    @Override
    public void gap(int partition, long fromOffset, long toOffset, GapReason reason) {
        tell(new ServerFrame.Gap(id, partition, fromOffset, toOffset, reason));
    }

    @Override
    public void state(int partition, PartitionState state) {
        tell(new ServerFrame.State(id, partition, state));
    }

    @Override
    public void gone() {
        onGone.run();
        tell(new ServerFrame.Failed(
                OptionalLong.of(id), OptionalLong.empty(), ErrorCode.UNKNOWN_TOPIC, "the topic was deleted"));
    }

    @Override
    public boolean isFull() {
        return socket.writeQueueFull();
    }

    private void tell(ServerFrame frame) {
        if (!socket.isClosed()) {
            send(socket, frame);
        }
    }
}
