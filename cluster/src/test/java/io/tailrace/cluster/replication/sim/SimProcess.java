// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** The life of a node: starts and ends, pauses, registration and heartbeats. What it keeps over a crash is the note of a clean shutdown. */
abstract class SimProcess {

    static final long TIMEOUT_MS = 150;

    final int id;
    final SimCluster cluster;
    private long cleanBrokerEpoch = -1;
    private int incarnation;
    private boolean up;
    private long pausedUntilMs;
    private long brokerEpoch = -1;

    SimProcess(int id, SimCluster cluster) {
        this.id = id;
        this.cluster = cluster;
    }

    int id() {
        return id;
    }

    /** Of this start of the node. */
    String name() {
        return id + "." + incarnation;
    }

    boolean isUp() {
        return up;
    }

    /** Of the registration of this start, or -1. */
    long brokerEpoch() {
        return brokerEpoch;
    }

    abstract void onImage(ClusterImage newest);

    abstract long imageVersion();

    void begin() {
        up = true;
        incarnation++;
        brokerEpoch = -1;
        cluster.clock().note(id);
    }

    void end() {
        up = false;
        incarnation++;
        cluster.clock().note(-id);
    }

    /** A start that was stopped before it was registered has changed nothing, so the note of the one before still holds. */
    void noteCleanShutdown() {
        if (brokerEpoch >= 0) {
            cleanBrokerEpoch = brokerEpoch;
        }
    }

    /** SIGSTOP: it goes on later as if nothing had been. */
    void pauseUntil(long timeMs) {
        pausedUntilMs = timeMs;
    }

    /** Later, if this start of the node lives then. */
    void after(long delayMs, Runnable action) {
        int then = incarnation;
        cluster.clock().after(delayMs, () -> run(then, action));
    }

    private void run(int then, Runnable action) {
        if (up && incarnation == then) {
            long now = cluster.clock().nowMs();
            if (now < pausedUntilMs) {
                cluster.clock().after(pausedUntilMs - now, () -> run(then, action));
            } else {
                action.run();
            }
        }
    }

    /** Something from outside, for whichever start of the node is up. */
    void receive(Runnable action) {
        run(incarnation, action);
    }

    void register() {
        if (brokerEpoch >= 0) {
            return;
        }
        boolean lie = cluster.mutant() == Mutant.CRASH_TOLD_AS_CLEAN;
        BrokerImage known = cluster.controller().image().brokers().get(id);
        long previous = lie && known != null ? known.epoch() : cleanBrokerEpoch;
        ask(
                new ControllerRequest.RegisterBroker(
                        id, new Uuid(id, incarnation), SimController.CLUSTER, List.of(), Optional.empty(), previous),
                reply -> {
                    if (reply instanceof ControllerReply.BrokerRegistered it
                            && it.outcome().isOk()) {
                        brokerEpoch = it.brokerEpoch();
                        cleanBrokerEpoch = -1;
                    }
                },
                () -> {});
        after(100, this::register);
    }

    void heartbeat() {
        if (brokerEpoch >= 0) {
            ask(
                    new ControllerRequest.BrokerHeartbeat(id, brokerEpoch, imageVersion(), false, false),
                    this::onHeartbeatTaken,
                    () -> {});
        }
        after(120, this::heartbeat);
    }

    /** A registration of an earlier start that came late has put this one out: it begins anew. */
    private void onHeartbeatTaken(ControllerReply reply) {
        if (reply instanceof ControllerReply.HeartbeatTaken taken
                && taken.outcome().error() == Errors.STALE_BROKER_EPOCH) {
            brokerEpoch = -1;
            register();
        }
        onImage(cluster.controller().image());
    }

    void ask(ControllerRequest request, Consumer<ControllerReply> answered, Runnable unanswered) {
        boolean[] done = new boolean[1];
        int then = incarnation;
        cluster.network()
                .sendOnce(id, SimController.ID, () -> cluster.controller().submit(request, reply -> cluster.network()
                        .sendOnce(
                                SimController.ID,
                                id,
                                () -> run(then, () -> {
                                    if (!done[0]) {
                                        done[0] = true;
                                        answered.accept(reply);
                                    }
                                }))));
        after(TIMEOUT_MS, () -> {
            if (!done[0]) {
                done[0] = true;
                unanswered.run();
            }
        });
    }
}
