// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ControllerReply.HeartbeatTaken;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the controller that this node lives, and asks it to be let go when the node stops. One heartbeat is under way at any time; the next
 * follows after the interval.
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
    private final MetadataPublisher images;
    private final int nodeId;
    private final long brokerEpoch;
    private final long intervalMs;
    private final Promise<Void> released = Promise.promise();
    private boolean wantShutdown;
    private boolean stopped;
    private boolean complained;

    Heartbeat(
            Vertx vertx,
            ControllerClient client,
            MetadataPublisher images,
            int nodeId,
            long brokerEpoch,
            long intervalMs) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.client = client;
        this.images = images;
        this.nodeId = nodeId;
        this.brokerEpoch = brokerEpoch;
        this.intervalMs = intervalMs;
    }

    void start() {
        context.runOnContext(any -> beat());
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
        client.submit(beat, Math.max(1_000, 4 * intervalMs)).onComplete(done -> {
            boolean taken = done.succeeded()
                    && done.result() instanceof HeartbeatTaken it
                    && it.outcome().isOk();
            if (taken) {
                complained = false;
                if (((HeartbeatTaken) done.result()).shouldShutDown()) {
                    released.tryComplete();
                    stopped = true;
                    return;
                }
            } else if (!complained) {
                complained = true;
                LOG.warn(
                        "node={} brokerEpoch={} the controller does not take this node's heartbeat: {}",
                        nodeId,
                        brokerEpoch,
                        done.succeeded() ? done.result() : done.cause());
            }
            vertx.timer(wantShutdown ? LEAVING_INTERVAL_MS : intervalMs, TimeUnit.MILLISECONDS)
                    .onSuccess(any -> context.runOnContext(later -> beat()));
        });
    }
}
