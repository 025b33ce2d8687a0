// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.bus.ReplicaCodec;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replica messages over the event bus, to one address for each node. Safe from any thread. */
public final class BusReplicaTransport implements ReplicaTransport {

    private static final Logger LOG = LoggerFactory.getLogger(BusReplicaTransport.class);
    private static final String CODEC = "tailrace.replica";

    private final Vertx vertx;

    /** To be made once for each Vert.x instance. */
    public BusReplicaTransport(Vertx vertx) {
        this.vertx = vertx;
        vertx.eventBus().registerCodec(new Codec());
    }

    @Override
    public Future<ReplicaMessage.Fetched> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs) {
        return vertx.eventBus()
                .<ReplicaMessage>request(
                        Addresses.replica(leaderId), request, options().setSendTimeout(timeoutMs))
                .compose(answer -> answer.body() instanceof ReplicaMessage.Fetched fetched
                        ? Future.succeededFuture(fetched)
                        : Future.failedFuture("a fetch was answered with " + answer.body()));
    }

    @Override
    public void release(int leaderId, ReplicaMessage.Release release) {
        vertx.eventBus().send(Addresses.replica(leaderId), release, options());
    }

    @Override
    public Future<Service> serve(
            int nodeId,
            Function<ReplicaMessage.Fetch, Future<ReplicaMessage.Fetched>> fetches,
            Consumer<ReplicaMessage.Release> releases) {
        MessageConsumer<ReplicaMessage> consumer =
                vertx.eventBus().consumer(Addresses.replica(nodeId), message -> take(message, fetches, releases));
        return consumer.completion().map(reachable -> consumer::unregister);
    }

    private static void take(
            Message<ReplicaMessage> message,
            Function<ReplicaMessage.Fetch, Future<ReplicaMessage.Fetched>> fetches,
            Consumer<ReplicaMessage.Release> releases) {
        switch (message.body()) {
            case ReplicaMessage.Fetch fetch ->
                fetches.apply(fetch)
                        .onSuccess(fetched -> message.reply(fetched, options()))
                        .onFailure(bug -> LOG.error("follower={}: its fetch has no answer", fetch.followerId(), bug));
            case ReplicaMessage.Release release -> releases.accept(release);
            case ReplicaMessage.Fetched stray -> LOG.warn("an answer came that nobody waits for");
        }
    }

    private static DeliveryOptions options() {
        return new DeliveryOptions().setCodecName(CODEC);
    }

    /**
     * Within a process the instance itself is handed over. To another, records go straight into the bus's own buffer, and are taken from there as
     * slices: an answer is some megabytes, and each copy of it a good part of what replication costs.
     */
    static final class Codec implements MessageCodec<ReplicaMessage, ReplicaMessage> {

        @Override
        public void encodeToWire(Buffer buffer, ReplicaMessage message) {
            int length = ReplicaCodec.sizeBytes(message);
            int start = buffer.appendInt(length).length();
            buffer.setByte(start + length - 1, (byte) 0); // makes room for all of it at once
            ReplicaCodec.encode(message, bytes(buffer, start, length));
        }

        @Override
        public ReplicaMessage decodeFromWire(int position, Buffer buffer) {
            int length = buffer.getInt(position);
            int start = position + Integer.BYTES;
            // The bus makes a buffer for each message, on the heap, and has no other use for it.
            return ReplicaCodec.decode(bytes(buffer, start, length));
        }

        private static ByteBuffer bytes(Buffer buffer, int start, int length) {
            return ((BufferInternal) buffer).getByteBuf().nioBuffer(start, length);
        }

        @Override
        public ReplicaMessage transform(ReplicaMessage message) {
            return message;
        }

        @Override
        public String name() {
            return CODEC;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
