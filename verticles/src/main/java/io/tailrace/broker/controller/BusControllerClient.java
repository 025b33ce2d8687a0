// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.broker.controller.ControllerCall.Answer;
import io.tailrace.broker.controller.ControllerCall.Ask;
import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.Errors;

/**
 * Asks the controller over the event bus: the node that the newest image names, and this one while none is named.
 *
 * <p>A reply waits until this node has applied the image that it speaks of. For a controller on this node that is always so; for one elsewhere
 * the log may be a moment behind the reply.
 */
public final class BusControllerClient implements ControllerClient {

    /** More callers than this are told to come back: each holds a promise and a timer. */
    static final int IN_FLIGHT_MAX = 10_000;

    private record Waiting(long version, Promise<Void> applied) {}

    private final Vertx vertx;
    private final int nodeId;
    private final MetadataPublisher images;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** Lowest version first; guarded by itself. */
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(Comparator.comparingLong(Waiting::version));

    public BusControllerClient(Vertx vertx, int nodeId, MetadataPublisher images) {
        this.vertx = vertx;
        this.nodeId = nodeId;
        this.images = images;
        images.onChange(this::applied);
    }

    @Override
    public Future<ControllerReply> submit(ControllerRequest request, long timeoutMs) {
        if (inFlight.incrementAndGet() > IN_FLIGHT_MAX) {
            inFlight.decrementAndGet();
            return Future.succeededFuture(
                    refused(Errors.THROTTLING_QUOTA_EXCEEDED, "Too many requests wait for the controller."));
        }
        long startNanos = System.nanoTime();
        int controller = images.image().controllerId();
        DeliveryOptions options =
                new DeliveryOptions().setCodecName(ControllerCallCodec.NAME).setSendTimeout(Math.max(1, timeoutMs));
        return vertx.eventBus()
                .<ControllerCall>request(
                        Addresses.controller(controller >= 0 ? controller : nodeId), new Ask(request), options)
                .compose(message -> {
                    Answer answer = (Answer) message.body();
                    long spentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
                    return untilApplied(answer, timeoutMs - spentMs);
                })
                .recover(BusControllerClient::translated)
                .onComplete(any -> inFlight.decrementAndGet());
    }

    private Future<ControllerReply> untilApplied(Answer answer, long timeoutMs) {
        if (images.image().version() >= answer.version()) {
            return Future.succeededFuture(answer.reply());
        }
        Waiting entry = new Waiting(answer.version(), Promise.promise());
        synchronized (waiting) {
            waiting.add(entry);
        }
        applied(images.image());
        return entry.applied()
                .future()
                .timeout(Math.max(1, timeoutMs), TimeUnit.MILLISECONDS)
                .map(answer.reply())
                .otherwise(refused(
                        Errors.REQUEST_TIMED_OUT, "The change is committed, but this node has not heard of it yet."))
                .onComplete(any -> forget(entry));
    }

    private void applied(ClusterImage image) {
        while (true) {
            Waiting entry;
            synchronized (waiting) {
                entry = waiting.peek();
                if (entry == null || entry.version() > image.version()) {
                    return;
                }
                waiting.remove();
            }
            entry.applied().tryComplete();
        }
    }

    private void forget(Waiting entry) {
        synchronized (waiting) {
            waiting.remove(entry);
        }
    }

    /** The one place where failures of the bus become codes. */
    private static Future<ControllerReply> translated(Throwable failure) {
        if (failure instanceof ReplyException reply) {
            return Future.succeededFuture(
                    reply.failureType() == ReplyFailure.TIMEOUT
                            ? refused(Errors.REQUEST_TIMED_OUT, "The controller has not answered in time.")
                            : refused(Errors.NOT_CONTROLLER, "The controller cannot be reached."));
        }
        return Future.failedFuture(failure);
    }

    private static ControllerReply refused(Errors error, String message) {
        return new Refused(Outcome.refused(error, message));
    }
}
