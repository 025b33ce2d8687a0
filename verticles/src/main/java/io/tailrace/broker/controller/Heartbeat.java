// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.HeartbeatTaken;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the controller that this node lives, and asks it to be let go when the node stops. One heartbeat is under way at any time; the next
 * follows after the interval.
 *
 * <p>Two answers end that: STALE_BROKER_EPOCH, when another registration took the place of this one (that of an earlier start may have come
 * late), has the node registered anew; BROKER_ID_NOT_REGISTERED, when somebody took the node out of the cluster, stops it.
 *
 * <p>Its state belongs to one context; methods are called from any thread.
 */
final class Heartbeat {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    /** While it wants to stop, a node asks this often. */
    private static final long LEAVING_INTERVAL_MS = 50;

    private final Vertx vertx;
    private final Context context;
    private final ControllerClient client;
    private final MetadataView images;
    private final int nodeId;
    private final long intervalMs;
    private final Supplier<Future<Long>> registration;
    private final Consumer<String> expelled;
    private final Promise<Void> released = Promise.promise();
    private volatile long brokerEpoch;

    /** When the last heartbeat was sent that was taken, by {@link System#nanoTime}; when this began if none was yet. */
    private volatile long takenNanos = System.nanoTime();

    private boolean wantShutdown;
    private boolean stopped;
    private boolean complained;

    /**
     * @param registration registers this start of the node again; its broker epoch
     * @param expelled told once, and why, when this node belongs to the cluster no longer
     */
    Heartbeat(
            Vertx vertx,
            ControllerClient client,
            MetadataView images,
            int nodeId,
            long brokerEpoch,
            long intervalMs,
            Supplier<Future<Long>> registration,
            Consumer<String> expelled) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.client = client;
        this.images = images;
        this.nodeId = nodeId;
        this.brokerEpoch = brokerEpoch;
        this.intervalMs = intervalMs;
        this.registration = registration;
        this.expelled = expelled;
    }

    void start() {
        context.runOnContext(any -> beat());
    }

    /** Of the registration that is in force, as far as this node knows. */
    long brokerEpoch() {
        return brokerEpoch;
    }

    /** How old the last heartbeat is that the controller is known to have taken. */
    long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - takenNanos);
    }

    /** Asks to be relieved of all leadership. Done when the controller says that the node may stop. */
    Future<Void> leave() {
        context.runOnContext(any -> wantShutdown = true);
        return released.future();
    }

    void stop() {
        context.runOnContext(any -> stopped = true);
    }

    private void beat() {
        if (stopped) {
            return;
        }
        BrokerHeartbeat beat =
                new BrokerHeartbeat(nodeId, brokerEpoch, images.image().version(), false, wantShutdown);
        long sentNanos = System.nanoTime();
        client.submit(beat, Math.max(1_000, 4 * intervalMs))
                .compose(reply -> answered(reply, sentNanos))
                .onFailure(failure -> complain(failure.toString()))
                .onComplete(any -> later());
    }

    private Future<Void> answered(ControllerReply reply, long sentNanos) {
        Errors error = reply instanceof HeartbeatTaken taken ? taken.outcome().error() : Errors.NOT_CONTROLLER;
        switch (error) {
            case NONE -> {
                complained = false;
                takenNanos = sentNanos;
                if (((HeartbeatTaken) reply).shouldShutDown()) {
                    stopped = true;
                    released.tryComplete();
                }
            }
            case STALE_BROKER_EPOCH -> {
                LOG.warn(
                        "node={} brokerEpoch={} was registered by another process; registers anew",
                        nodeId,
                        brokerEpoch);
                return registration
                        .get()
                        .onSuccess(epoch -> brokerEpoch = epoch)
                        .mapEmpty();
            }
            case BROKER_ID_NOT_REGISTERED -> {
                stopped = true;
                released.tryComplete();
                expelled.accept("Node " + nodeId + " was taken out of the cluster. To bring it back, start it again.");
            }
            default -> complain(reply.toString());
        }
        return Future.succeededFuture();
    }

    private void complain(String why) {
        if (!complained) {
            complained = true;
            LOG.warn(
                    "node={} brokerEpoch={} the controller does not take this node's heartbeat: {}",
                    nodeId,
                    brokerEpoch,
                    why);
        }
    }

    private void later() {
        if (!stopped) {
            vertx.timer(wantShutdown ? LEAVING_INTERVAL_MS : intervalMs, TimeUnit.MILLISECONDS)
                    .onSuccess(any -> context.runOnContext(now -> beat()));
        }
    }
}
