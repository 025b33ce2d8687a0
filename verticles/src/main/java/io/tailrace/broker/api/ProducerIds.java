// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import org.apache.kafka.common.protocol.Errors;

/**
 * Producer ids, handed out from blocks that the controller gives to this node alone. A restarted node asks for a new block and leaves the rest
 * of the old one unused: ids are plenty, and an id handed out twice would let one producer's batches pass for another's duplicates.
 *
 * <p>Safe from any thread.
 */
public final class ProducerIds {

    private static final long ALLOCATION_TIMEOUT_MS = 10_000;

    private final ControllerClient controller;
    private final MetadataView metadata;
    private final int nodeId;
    private final ArrayDeque<Promise<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long endExclusive;
    private boolean asking;

    public ProducerIds(ControllerClient controller, MetadataView metadata, int nodeId) {
        this.controller = controller;
        this.metadata = metadata;
        this.nodeId = nodeId;
    }

    /** No block could be had now; worth another try. */
    static final class UnavailableException extends RuntimeException {
        UnavailableException(Errors error) {
            super("the controller gave no producer ids: " + error, null, false, false);
        }
    }

    /** The next id; fails with {@link UnavailableException}. */
    public Future<Long> next() {
        Promise<Long> promise = Promise.promise();
        boolean ask;
        synchronized (this) {
            if (next < endExclusive) {
                return Future.succeededFuture(next++);
            }
            waiting.add(promise);
            ask = !asking;
            asking = true;
        }
        if (ask) {
            ask();
        }
        return promise.future();
    }

    private void ask() {
        BrokerImage self = metadata.image().brokers().get(nodeId);
        long brokerEpoch = self == null ? -1 : self.epoch();
        controller
                .submit(new ControllerRequest.AllocateProducerIds(nodeId, brokerEpoch), ALLOCATION_TIMEOUT_MS)
                .onComplete(reply -> {
                    if (reply.failed()) {
                        fail(reply.cause());
                    } else if (reply.result() instanceof ControllerReply.ProducerIdsAllocated block
                            && block.outcome().isOk()) {
                        take(block.first(), block.count());
                    } else {
                        fail(new UnavailableException(errorOf(reply.result())));
                    }
                });
    }

    private static Errors errorOf(ControllerReply reply) {
        return switch (reply) {
            case ControllerReply.Refused refused -> refused.outcome().error();
            case ControllerReply.ProducerIdsAllocated block -> block.outcome().error();
            default -> Errors.UNKNOWN_SERVER_ERROR;
        };
    }

    private void take(long first, int count) {
        while (true) {
            Promise<Long> promise;
            long id;
            synchronized (this) {
                if (asking) {
                    next = first;
                    endExclusive = first + count;
                    asking = false;
                }
                if (waiting.isEmpty() || next == endExclusive) {
                    break;
                }
                promise = waiting.remove();
                id = next++;
            }
            promise.complete(id);
        }
        askForTheRest();
    }

    private void askForTheRest() {
        synchronized (this) {
            if (asking || waiting.isEmpty()) {
                return;
            }
            asking = true;
        }
        ask();
    }

    private void fail(Throwable cause) {
        ArrayDeque<Promise<Long>> failed;
        synchronized (this) {
            asking = false;
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        failed.forEach(promise -> promise.fail(cause));
    }
}
