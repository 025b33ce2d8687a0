// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.broker.api.NodeFeatures;
import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.Controller;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerEffect;
import io.tailrace.cluster.metadata.ControllerEvent;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicIds;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The real controller with a log in memory that commits at once, seen by all nodes of a test. */
public final class TestController implements ControllerClient, MetadataView {

    private static final String CLUSTER = "a-cluster-id-for-tests";

    private final Controller controller = new Controller(
            new ControllerConfig(0, CLUSTER, new ControllerConfig.TopicDefaults(1, 1, true), NodeFeatures.levels()),
            ConfigPolicy.permissive());
    private final Deque<ControllerEvent> events = new ArrayDeque<>();
    private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterImage image = ClusterImage.empty("");
    private ControllerReply lastReply;
    private long index;
    private long requests;

    public TestController() {
        run(new ControllerEvent.LeadershipChanged(1, 0));
    }

    /** A node starts; it is there at once. */
    void join(int node, Uuid incarnationId) {
        long unused = register(node, incarnationId);
        fence(node, false);
    }

    /** The broker epoch. A node that is there has to be fenced first. */
    public long register(int node, Uuid incarnationId) {
        return register(node, incarnationId, "");
    }

    public long register(int node, Uuid incarnationId, String rack) {
        return ((ControllerReply.BrokerRegistered) ask(new ControllerRequest.RegisterBroker(
                        node, incarnationId, CLUSTER, List.of(), Optional.of(rack))))
                .brokerEpoch();
    }

    public void unregister(int node) {
        ControllerReply unused = ask(new ControllerRequest.UnregisterBroker(node));
    }

    public void fence(int node, boolean fenced) {
        ControllerReply unused = ask(new ControllerRequest.FenceBroker(
                node, image.brokers().get(node).epoch(), fenced));
    }

    void reassign(String topic, List<Integer> replicas) {
        ControllerReply unused = ask(new ControllerRequest.AlterReassignments(
                List.of(new ControllerRequest.Reassignment(new TopicPartition(topic, 0), Optional.of(replicas))),
                true));
    }

    /** Sets a key; empty takes away what is set. */
    void configure(ConfigTarget target, String key, String value) {
        ControllerRequest.ConfigChange change = value.isEmpty()
                ? new ControllerRequest.ConfigChange(ControllerRequest.ConfigOperation.DELETE, key, Optional.empty())
                : new ControllerRequest.ConfigChange(ControllerRequest.ConfigOperation.SET, key, Optional.of(value));
        ControllerReply unused = ask(new ControllerRequest.AlterConfigs(
                List.of(new ControllerRequest.ConfigAlteration(target, List.of(change))), false, false));
    }

    public TopicImage createTopic(String name, List<Integer> replicas, int minInSync) {
        return createTopic(name, replicas, Map.of("min.insync.replicas", Integer.toString(minInSync)));
    }

    TopicImage createTopic(String name, List<Integer> replicas, Map<String, String> configs) {
        Map<String, Optional<String>> settings = new TreeMap<>();
        configs.forEach((key, value) -> settings.put(key, Optional.of(value)));
        ControllerReply unused = ask(new ControllerRequest.CreateTopics(
                List.of(new ControllerRequest.NewTopic(name, -1, -1, new TreeMap<>(Map.of(0, replicas)), settings)),
                false));
        return image.topic(name).orElseThrow();
    }

    public PartitionImage partition(String topic) {
        return image.partition(topic, 0).orElseThrow();
    }

    private synchronized ControllerReply ask(ControllerRequest request) {
        run(new ControllerEvent.Submitted(++requests, request, new TopicIds.Seed(requests * 31, requests * 17)));
        return lastReply;
    }

    private void run(ControllerEvent event) {
        events.add(event);
        while (!events.isEmpty()) {
            for (ControllerEffect effect : controller.step(events.remove(), System.currentTimeMillis())) {
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

    @Override
    public Future<ControllerReply> submit(ControllerRequest request, long timeoutMs) {
        return Future.succeededFuture(ask(request));
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public void onChange(Consumer<ClusterImage> listener) {
        listeners.add(listener);
    }
}
