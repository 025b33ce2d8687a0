// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.broker.bus.RecordCodec;
import io.tailrace.cluster.bus.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link NodeCall}s over the event bus, to one address for each node. Safe from any thread; answers come on the context that asked. */
public final class NodeCalls {

    private static final Logger LOG = LoggerFactory.getLogger(NodeCalls.class);
    private static final String CODEC = "tailrace.gateway";

    /** Of this node, to all others: a tail for each of many partitions, and what comes and goes beside. */
    private static final int MAX_IN_FLIGHT = 1 << 14;

    private final Vertx vertx;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** To be made once for each Vert.x instance. */
    public NodeCalls(Vertx vertx) {
        this.vertx = vertx;
        vertx.eventBus().registerCodec(new RecordCodec<>(NodeCall.class, CODEC));
    }

    /** Fails if there was no answer in time, or nobody to give one. */
    Future<NodeCall> ask(int nodeId, NodeCall call, long timeoutMs) {
        if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
            inFlight.decrementAndGet();
            return Future.failedFuture("too many calls to other nodes wait");
        }
        return vertx.eventBus()
                .<NodeCall>request(Addresses.gateway(nodeId), call, options().setSendTimeout(timeoutMs))
                .map(Message::body)
                .onComplete(done -> inFlight.decrementAndGet());
    }

    /** Takes the calls to this node, on the calling context. */
    MessageConsumer<NodeCall> serve(int nodeId, Function<NodeCall, Future<? extends NodeCall>> answers) {
        return vertx.eventBus().consumer(Addresses.gateway(nodeId), message -> answers.apply(message.body())
                .onSuccess(answer -> message.reply(answer, options()))
                .onFailure(failure -> {
                    LOG.error(
                            "a call of another node has no answer; call={}",
                            message.body().getClass().getSimpleName(),
                            failure);
                    message.reply(new NodeCall.Failed(String.valueOf(failure.getMessage())), options());
                }));
    }

    private static DeliveryOptions options() {
        return new DeliveryOptions().setCodecName(CODEC);
    }
}
