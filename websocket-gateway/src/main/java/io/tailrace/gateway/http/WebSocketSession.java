// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.netty.buffer.ByteBuf;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.log.Publisher;
import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.Format;
import io.tailrace.gateway.session.NewRecord;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.PublishEvent;
import io.tailrace.gateway.session.PublishEvent.Lane;
import io.tailrace.gateway.session.PublishSession;
import io.tailrace.gateway.session.PublishSessions;
import io.tailrace.gateway.session.PublishWindow;
import io.tailrace.gateway.session.ServerFrame;
import io.tailrace.gateway.stream.GroupSubscription;
import io.tailrace.gateway.stream.SubscriptionHost;
import io.tailrace.gateway.wire.BadFrameException;
import io.tailrace.gateway.wire.BinaryFrames;
import io.tailrace.gateway.wire.ClientFrames;
import io.tailrace.gateway.wire.View;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** One WebSocket of {@code tailrace.v1.json} or {@code tailrace.v1.bin}: hears frames, keeps the subscriptions. */
final class WebSocketSession implements Pulsed, FrameSocket.Listener, PublishSession.Client {

    /** Silence, pongs included, after which a connection is dead. */
    private static final long SILENCE_MS = 60_000;

    private static final long HELLO_MS = 10_000;

    private final FrameSocket socket;
    private final boolean binary;
    private final SocketWriter writer;
    private final Visitor visitor;
    private final Shared shared;
    private final PublishWindow window;
    private final Map<Long, SubscriptionHost> subscriptions = new HashMap<>(2);
    private final Map<Long, GroupSubscription> groups = new HashMap<>(2);

    /** Of the session that the client has named; null if it has not. */
    private @Nullable PublishHost publishing;

    private boolean greeted;
    private boolean deaf;
    private long heardMs = System.currentTimeMillis();
    private final long sinceMs = heardMs;

    WebSocketSession(FrameSocket socket, boolean binary, Visitor visitor, Shared shared) {
        this.socket = socket;
        this.binary = binary;
        this.writer = new SocketWriter(socket, binary, this::onDrained);
        this.visitor = visitor;
        this.shared = shared;
        this.window = new PublishWindow(
                shared.limits().publishRecords(), shared.limits().publishBytes());
    }

    void start() {
        socket.listen(this);
        shared.pulse().add(this);
        shared.loop().metrics().sockets(1);
    }

    @Override
    public void onText(String text) {
        onMessage(() -> ClientFrames.parse(text));
    }

    @Override
    public void onBinary(byte[] bytes) {
        if (binary) {
            onMessage(() -> BinaryFrames.parse(ByteBuffer.wrap(bytes)));
        } else {
            socket.close(FrameSocket.UNSUPPORTED, "text messages only");
        }
    }

    @Override
    public void onPong(ByteBuf content) {
        heardMs = System.currentTimeMillis();
        if (publishing != null && content.readableBytes() == Long.BYTES) {
            publishing.hear(new PublishEvent.Heard(content.getLong(content.readerIndex())));
        }
    }

    @Override
    public void onWritable() {
        writer.onWritable();
    }

    private void onMessage(Supplier<ClientFrame> parser) {
        heardMs = System.currentTimeMillis();
        try {
            ClientFrame frame = parser.get();
            if (!greeted && !(frame instanceof ClientFrame.Hello)) {
                socket.close(FrameSocket.PROTOCOL_ERROR, "the first frame must be hello");
            } else {
                on(frame);
            }
        } catch (BadFrameException bad) {
            answer(new ServerFrame.Failed(OptionalLong.empty(), OptionalLong.empty(), bad.code(), bad.text()));
        }
    }

    private void on(ClientFrame frame) {
        switch (frame) {
            case ClientFrame.Hello it -> welcome(it);
            case ClientFrame.Subscribe it -> subscribe(it);
            case ClientFrame.AddCredit it -> {
                // A subscription that the server has ended may be granted credit that was under way: no error.
                SubscriptionHost host = subscriptions.get(it.id());
                if (host != null) {
                    host.addCredit(it.records(), it.bytes());
                }
            }
            case ClientFrame.Unsubscribe it -> {
                SubscriptionHost host = subscriptions.remove(it.id());
                if (host != null) {
                    host.close();
                }
                leave(it.id());
                answer(new ServerFrame.Unsubscribed(it.id()));
            }
            case ClientFrame.Publish it -> publish(it);
            case ClientFrame.Commit it -> commit(it);
            case ClientFrame.Release it -> {
                GroupSubscription group = groups.get(it.id());
                if (group != null) {
                    group.release(it.partitions());
                }
            }
            case ClientFrame.Ping it -> answer(new ServerFrame.Pong());
        }
    }

    private void welcome(ClientFrame.Hello hello) {
        Optional<ClientFrame.Session> named = greeted ? Optional.empty() : hello.session();
        greeted = true;
        Optional<PublishSessions.Entered> entered = named.flatMap(
                it -> shared.sessions().enter(visitor.principal().toString(), it, System.currentTimeMillis()));
        answer(new ServerFrame.Welcome(
                Integer.toHexString(System.identityHashCode(this)),
                shared.nodeId(),
                shared.limits(),
                entered.map(PublishSessions.Entered::resumed)));
        entered.ifPresent(it -> {
            PublishHost host = new PublishHost(it.session(), shared, visitor, this);
            publishing = host;
            host.connect(named.orElseThrow().producerId());
        });
    }

    @Override
    public void tell(ServerFrame frame) {
        shared.context().runOnContext(here -> answer(frame));
    }

    @Override
    public void probe(long number) {
        shared.context().runOnContext(here -> {
            if (!socket.isClosed()) {
                writer.ping(number);
            }
        });
    }

    private void subscribe(ClientFrame.Subscribe frame) {
        long id = frame.id();
        if (subscriptions.containsKey(id)) {
            // Says so without an id: that one belongs to the open subscription, which goes on.
            answer(new ServerFrame.Failed(
                    OptionalLong.empty(), OptionalLong.empty(), ErrorCode.BAD_FRAME, "id " + id + " is in use"));
            return;
        }
        if (subscriptions.size() >= shared.limits().subscriptions()) {
            refuse(id, ErrorCode.LIMIT, "no more subscriptions on one connection");
            return;
        }
        boolean batches = frame.format() == Format.BATCHES;
        if (batches && !binary) {
            refuse(id, ErrorCode.UNSUPPORTED, "batches come in binary messages: ask for tailrace.v1.bin");
            return;
        }
        if (batches && !(frame.filter().isAll() && frame.pace().equals(Pace.ALL))) {
            refuse(
                    id,
                    ErrorCode.UNSUPPORTED,
                    "batches are not opened here, so there is no filter and no mode for them");
            return;
        }
        Topics.Found found = shared.topics().find(frame.topic(), visitor, AclOperation.READ);
        TopicImage topic = found.topic();
        if (topic == null) {
            refuse(id, found.error(), found.text(frame.topic()));
            return;
        }
        List<Integer> partitions = Topics.partitions(topic, frame.partitions());
        if (partitions == null) {
            refuse(id, ErrorCode.UNKNOWN_PARTITION, topic.name() + " has no such partition");
            return;
        }
        View view = batches ? View.STORED : writer.view(frame.filter());
        WebSocketOutlet outlet = new WebSocketOutlet(writer, id, topic.id(), view, () -> ended(id));
        SubscriptionHost host = new SubscriptionHost(
                shared.loop(), topic, view, frame.pace(), new Credit(frame.records(), frame.bytes()), outlet);
        subscriptions.put(id, host);
        if (frame.group().isPresent()) {
            GroupSubscription.Wish wish =
                    new GroupSubscription.Wish(visitor, frame.group().get(), topic, frame.from());
            GroupSubscription group = new GroupSubscription(shared.loop(), wish, host, outlet);
            groups.put(id, group);
            group.start();
            return;
        }
        if (frame.partitions().isEmpty()) {
            host.follow();
        }
        host.open(frame.from().starts(topic.id(), partitions));
    }

    /** By itself: its topic is gone, or its group will not have it. */
    private void ended(long id) {
        SubscriptionHost host = subscriptions.remove(id);
        if (host != null) {
            host.close();
        }
        leave(id);
    }

    private void leave(long id) {
        GroupSubscription group = groups.remove(id);
        if (group != null) {
            group.close();
        }
    }

    private void commit(ClientFrame.Commit frame) {
        GroupSubscription group = groups.get(frame.id());
        if (group == null) {
            answer(refused(frame.seq(), ErrorCode.UNKNOWN_SUBSCRIPTION, "no member of a group has id " + frame.id()));
            return;
        }
        group.commit(frame.offsets())
                .onSuccess(durable -> answer(new ServerFrame.Committed(frame.id(), frame.seq())))
                .onFailure(failure -> {
                    Errors error = Errors.forException(failure);
                    answer(refused(frame.seq(), ErrorCode.of(error), String.valueOf(failure.getMessage())));
                });
    }

    private void publish(ClientFrame.Publish frame) {
        long seq = frame.seq();
        NewRecord record = frame.record();
        Topics.Found found = shared.topics().find(frame.topic(), visitor, AclOperation.WRITE);
        TopicImage topic = found.topic();
        if (topic == null) {
            publish(new PublishEvent.Refused(seq, found.error(), found.text(frame.topic())));
        } else if (Topic.isInternal(topic.name())) {
            publish(new PublishEvent.Refused(seq, ErrorCode.NOT_AUTHORIZED, "an internal topic"));
        } else if (record.partition() >= topic.partitions().size()) {
            publish(new PublishEvent.Refused(seq, ErrorCode.UNKNOWN_PARTITION, "no such partition"));
        } else if (publishing != null) {
            Lane lane = new Lane(topic.id(), Publisher.partition(topic, record, seq));
            publish(new PublishEvent.Came(seq, lane, record));
        } else if (!window.enter(record.bytes())) {
            answer(refused(seq, ErrorCode.PUBLISH_WINDOW, "too much is under way; wait for answers"));
        } else {
            publish(topic, seq, record);
        }
    }

    private void publish(PublishEvent event) {
        if (publishing != null) {
            publishing.hear(event);
        } else if (event instanceof PublishEvent.Refused it) {
            answer(refused(it.seq(), it.code(), it.text()));
        }
    }

    /** Of a client that has named no session. */
    private void publish(TopicImage topic, long seq, NewRecord record) {
        shared.loop().publisher().write(topic, List.of(record)).onSuccess(results -> {
            window.leave(record.bytes());
            Publisher.Result result = results.get(0);
            ErrorCode error = result.error();
            shared.loop().metrics().published(error == null ? 1 : 0, error == null ? 0 : 1);
            answer(
                    error == null
                            ? new ServerFrame.Published(seq, result.partition(), result.offset(), "")
                            : refused(seq, error, result.text()));
        });
    }

    private void refuse(long id, ErrorCode code, String text) {
        answer(new ServerFrame.Failed(OptionalLong.of(id), OptionalLong.empty(), code, text));
    }

    private static ServerFrame refused(long seq, ErrorCode code, String text) {
        return ServerFrame.Failed.ofRecord(seq, code, text);
    }

    /**
     * Answers are not subject to credit. A client that keeps asking and never reads what it is told would have them pile up; it is not heard
     * any more until it does.
     */
    private void answer(ServerFrame frame) {
        if (!socket.isClosed()) {
            writer.send(frame);
            if (writer.isFull() && !deaf) {
                deaf = true;
                socket.pause();
            }
        }
    }

    private void onDrained() {
        if (deaf) {
            deaf = false;
            socket.resume();
        }
        List.copyOf(subscriptions.values()).forEach(SubscriptionHost::socketDrained);
    }

    @Override
    public void pulse(long nowMs) {
        if (nowMs - heardMs > SILENCE_MS || (!greeted && nowMs - sinceMs > HELLO_MS)) {
            socket.close(FrameSocket.GOING_AWAY, "nothing was heard");
        } else {
            // If it cannot be written the socket closes, or stays silent until it is closed above.
            writer.ping();
        }
    }

    @Override
    public void drain(long afterMs) {
        if (!socket.isClosed()) {
            writer.send(new ServerFrame.Drain(afterMs));
            socket.close(FrameSocket.RESTART, "the server stops");
        }
    }

    @Override
    public void onClosed() {
        shared.pulse().remove(this);
        shared.loop().metrics().sockets(-1);
        List.copyOf(subscriptions.values()).forEach(SubscriptionHost::close);
        subscriptions.clear();
        List.copyOf(groups.keySet()).forEach(this::leave);
        if (publishing != null) {
            publishing.leave();
        }
    }
}
