// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.Controller;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerEffect;
import io.tailrace.cluster.metadata.ControllerEvent;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicIds;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The real controller with a log in memory that commits at once; its clock stands still. Safe from any thread. */
public class InstantController implements ControllerClient, MetadataView {

    private final Controller controller;
    private final Deque<ControllerEvent> events = new ArrayDeque<>();
    private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterImage image = ClusterImage.empty("");
    private ControllerReply lastReply;
    private long index;
    private long requests;

    public InstantController(ControllerConfig config, ConfigPolicy policy) {
        controller = new Controller(config, policy);
        run(new ControllerEvent.LeadershipChanged(1, config.nodeId()));
    }

    public final synchronized ControllerReply ask(ControllerRequest request) {
        run(new ControllerEvent.Submitted(++requests, request, new TopicIds.Seed(requests * 31, requests * 17)));
        return lastReply;
    }

    private void run(ControllerEvent event) {
        events.add(event);
        while (!events.isEmpty()) {
            for (ControllerEffect effect : controller.step(events.remove(), 0)) {
                switch (effect) {
                    case ControllerEffect.Append it ->
                        events.add(new ControllerEvent.Committed(new LogPosition(1, index++), it.entry()));
                    case ControllerEffect.Reply it -> lastReply = it.reply();
                    case ControllerEffect.Publish it -> {
                        image = it.image();
                        listeners.forEach(listener -> listener.accept(image));
                    }
                    default -> throw new AssertionError(effect.toString());
                }
            }
        }
    }

    /** Whether the node is let go on. */
    public final void fence(int node, long brokerEpoch, boolean fenced) {
        ControllerReply unused = ask(new ControllerRequest.FenceBroker(node, brokerEpoch, fenced));
    }

    @Override
    public final Future<ControllerReply> submit(ControllerRequest request, long timeoutMs) {
        return Future.succeededFuture(ask(request));
    }

    @Override
    public final ClusterImage image() {
        return image;
    }

    @Override
    public final void onChange(Consumer<ClusterImage> listener) {
        listeners.add(listener);
    }
}
