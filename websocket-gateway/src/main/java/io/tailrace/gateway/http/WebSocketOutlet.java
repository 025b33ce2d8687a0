// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.GapReason;
import io.tailrace.gateway.session.PartitionState;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.session.ServerFrame;
import io.tailrace.gateway.stream.GroupSubscription;
import io.tailrace.gateway.stream.Outlet;
import io.tailrace.gateway.wire.BinaryFrames;
import io.tailrace.gateway.wire.View;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * Output of one subscription on a WebSocket. Records are one message of two parts: the subscription's id, and the records, which are the
 * same bytes for everybody who gets them.
 */
final class WebSocketOutlet implements Outlet, GroupSubscription.GroupOutlet {

    private final SocketWriter writer;
    private final long id;
    private final Uuid topicId;
    private final Runnable onGone;
    private final boolean packed;
    private final byte[] head;

    /** @param view how what is delivered was encoded */
    WebSocketOutlet(SocketWriter writer, long id, Uuid topicId, View view, Runnable onGone) {
        this.writer = writer;
        this.id = id;
        this.topicId = topicId;
        this.onGone = onGone;
        this.packed = view.isPacked();
        this.head = view.showsBatches()
                ? BinaryFrames.batchesHead(id)
                : packed ? writer.packedDataHead(id) : writer.dataHead(id);
    }

    @Override
    public void opened(Map<Integer, Position> positions) {
        Map<Integer, ServerFrame.Token> tokens = new TreeMap<>();
        positions.forEach((partition, position) -> tokens.put(partition, token(partition, position)));
        writer.send(new ServerFrame.Subscribed(id, tokens));
    }

    @Override
    public void added(int partition, Position position) {
        writer.send(new ServerFrame.Assigned(id, partition, token(partition, position)));
    }

    private ServerFrame.Token token(int partition, Position position) {
        ResumeToken.Mark mark = new ResumeToken.Mark(partition, position, -1);
        return new ServerFrame.Token(position.offset(), new ResumeToken(topicId, List.of(mark)).text());
    }

    @Override
    public void deliver(int partition, Chunk<Buffer> chunk) {
        if (packed) {
            writer.sendPacked(head, chunk.body());
        } else {
            writer.send(head, chunk.body());
        }
    }

    @Override
    public void gap(int partition, long fromOffset, long toOffset, GapReason reason) {
        writer.send(new ServerFrame.Gap(id, partition, fromOffset, toOffset, reason));
    }

    @Override
    public void state(int partition, PartitionState state) {
        writer.send(new ServerFrame.State(id, partition, state));
    }

    @Override
    public void gone() {
        refused(ErrorCode.UNKNOWN_TOPIC, "the topic was deleted");
    }

    @Override
    public void revoked(Set<Integer> partitions, long withinMs) {
        writer.send(new ServerFrame.Revoked(id, partitions, withinMs));
    }

    @Override
    public void refused(ErrorCode code, String text) {
        onGone.run();
        writer.send(new ServerFrame.Failed(OptionalLong.of(id), OptionalLong.empty(), code, text));
    }

    @Override
    public boolean isFull() {
        return writer.isFull();
    }
}
