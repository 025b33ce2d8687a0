// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.broker.controller.ControllerCall.Answer;
import io.tailrace.broker.controller.ControllerCall.Ask;
import io.tailrace.broker.controller.ControllerCall.AskQuorum;
import io.tailrace.broker.controller.ControllerCall.AskVote;
import io.tailrace.broker.controller.ControllerCall.Quorum;
import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.Outcome;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.Errors;

/**
 * Asks the controller over the event bus: the node that the newest image names, and this one while none is named.
 *
 * <p><b>Retries.</b> While time is left, a request is asked again if nobody listened, if who was asked does not control, or if another node
 * came to control before the answer did: the one asked may be dead, and its answer never come. In the last case the first attempt may have been
 * carried out, as with Kafka's own brokers; a topic that is created then "exists already".
 *
 * <p>A reply waits until this node has applied the image that it speaks of. For a controller on this node that is always so; for one elsewhere
 * the log may be a moment behind the reply.
 */
public final class BusControllerClient implements ControllerClient {

    /** More callers than this are told to come back: each holds a promise and a timer. */
    static final int IN_FLIGHT_MAX = 10_000;

    /** Between two attempts: an election takes about a second. */
    private static final long RETRY_MS = 50;

    private record Waiting(long version, Promise<Void> applied) {}

    private record Attempt(int controller, Promise<ControllerCall> answer) {}

    private final Vertx vertx;
    private final int nodeId;
    private final MetadataPublisher images;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

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
        return submit(new Ask(request), timeoutMs);
    }

    @Override
    public Future<ControllerReply> setVote(int voter, String directoryId, boolean votes, long timeoutMs) {
        return submit(new AskVote(voter, directoryId, votes, false), timeoutMs);
    }

    private Future<ControllerReply> submit(ControllerCall request, long timeoutMs) {
        if (inFlight.incrementAndGet() > IN_FLIGHT_MAX) {
            inFlight.decrementAndGet();
            return Future.succeededFuture(
                    refused(Errors.THROTTLING_QUOTA_EXCEEDED, "Too many requests wait for the controller."));
        }
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        return attempt(request, deadlineNanos).onComplete(any -> inFlight.decrementAndGet());
    }

    @Override
    public Future<QuorumView> describeQuorum(long timeoutMs) {
        return ask(new AskQuorum(), timeoutMs).map(answer -> ((Quorum) answer).view());
    }

    private Future<ControllerReply> attempt(ControllerCall request, long deadlineNanos) {
        long leftMs = leftMs(deadlineNanos);
        return ask(request, leftMs).transform(asked -> {
            if (asked.succeeded()) {
                Answer answer = (Answer) asked.result();
                return isElsewhere(answer.reply()) && leftMs(deadlineNanos) > RETRY_MS
                        ? later(request, deadlineNanos)
                        : untilApplied(answer, leftMs(deadlineNanos));
            }
            if (!(asked.cause() instanceof ReplyException failure)) {
                return Future.failedFuture(asked.cause());
            }
            if (leftMs(deadlineNanos) > RETRY_MS) {
                return later(request, deadlineNanos);
            }
            return Future.succeededFuture(
                    switch (failure.failureType()) {
                        case TIMEOUT -> refused(Errors.REQUEST_TIMED_OUT, "The controller has not answered in time.");
                        default -> refused(Errors.NOT_CONTROLLER, "The controller cannot be reached.");
                    });
        });
    }

    private Future<ControllerReply> later(ControllerCall request, long deadlineNanos) {
        ControllerCall again =
                request instanceof AskVote it ? new AskVote(it.nodeId(), it.directoryId(), it.votes(), true) : request;
        return vertx.timer(RETRY_MS, TimeUnit.MILLISECONDS).compose(any -> attempt(again, deadlineNanos));
    }

    private static boolean isElsewhere(ControllerReply reply) {
        return reply instanceof Refused it && it.outcome().error() == Errors.NOT_CONTROLLER;
    }

    private static long leftMs(long deadlineNanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
    }

    /** One attempt; fails with {@link ReplyException} if it came to nothing. */
    private Future<ControllerCall> ask(ControllerCall call, long timeoutMs) {
        int known = images.image().controllerId();
        int controller = known >= 0 ? known : nodeId;
        DeliveryOptions options =
                new DeliveryOptions().setCodecName(ControllerCall.CODEC).setSendTimeout(Math.max(1, timeoutMs));
        Attempt attempt = new Attempt(controller, Promise.promise());
        attempts.add(attempt);
        vertx.eventBus()
                .<ControllerCall>request(Addresses.controller(controller), call, options)
                .map(Message::body)
                .onSuccess(attempt.answer()::tryComplete)
                .onFailure(attempt.answer()::tryFail);
        abandonAttempts(images.image());
        return attempt.answer().future().onComplete(any -> attempts.remove(attempt));
    }

    /** Who was asked and controls no more is not waited for. */
    private void abandonAttempts(ClusterImage image) {
        if (image.controllerId() >= 0) {
            for (Attempt attempt : attempts) {
                if (attempt.controller() != image.controllerId()) {
                    attempt.answer()
                            .tryFail(new ReplyException(
                                    io.vertx.core.eventbus.ReplyFailure.NO_HANDLERS, "another node controls now"));
                }
            }
        }
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
        abandonAttempts(image);
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

    private static ControllerReply refused(Errors error, String message) {
        return new Refused(Outcome.refused(error, message));
    }
}
