// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.config.KafkaConfigPolicy;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.Controller;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerEffect;
import io.tailrace.cluster.metadata.ControllerEffect.Append;
import io.tailrace.cluster.metadata.ControllerEffect.Publish;
import io.tailrace.cluster.metadata.ControllerEffect.Reply;
import io.tailrace.cluster.metadata.ControllerEvent;
import io.tailrace.cluster.metadata.ControllerEvent.Committed;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Submitted;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicIds;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * The real controller with a log in memory that commits at once: what handlers are tested against. Node 1 is there, with the listener {@code
 * PLAINTEXT} and no advertised host.
 */
final class ControllerAtHand implements ControllerClient, MetadataView {

    static final int NODE = 1;
    static final String CLUSTER = "a-cluster-id-for-tests";

    static final NodeProperties PROPERTIES = new NodeProperties(
            NODE,
            ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef()
                    .define("node.id", Type.INT, 0, Importance.HIGH, "This node.")
                    .define("num.partitions", Type.INT, 1, Importance.HIGH, "Partitions of a new topic.")
                    .define("sasl.jaas.config", Type.PASSWORD, null, Importance.HIGH, "A secret.")))),
            Map.of("node.id", "1", "log.retention.hours", "100", "sasl.jaas.config", "hunter2"));

    private final Controller controller;
    private final Deque<ControllerEvent> events = new ArrayDeque<>();
    private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
    private volatile ClusterImage image = ClusterImage.empty("");
    private ControllerReply lastReply;
    private long index;
    private long requests;

    ControllerAtHand() {
        this(new TopicDefaults(1, 1, true));
    }

    ControllerAtHand(TopicDefaults defaults) {

        controller = new Controller(
                new ControllerConfig(NODE, CLUSTER, defaults, NodeFeatures.levels()),
                new KafkaConfigPolicy(PROPERTIES.keys(), PROPERTIES.statics()));
        run(new LeadershipChanged(1, NODE));
        addNode(NODE, new Endpoint("PLAINTEXT", "PLAINTEXT", "", 0));
    }

    /** A further node, there and unfenced. */
    void addNode(int id, Endpoint... endpoints) {
        BrokerRegistered registered = (BrokerRegistered)
                ask(new RegisterBroker(id, new Uuid(9, id), CLUSTER, List.of(endpoints), Optional.of("rack-" + id)));
        fence(id, registered.brokerEpoch(), false);
    }

    void fence(int id, long epoch, boolean fenced) {
        ControllerReply unused = ask(new FenceBroker(id, epoch, fenced));
    }

    synchronized ControllerReply ask(ControllerRequest request) {
        run(new Submitted(++requests, request, new TopicIds.Seed(requests * 31, requests * 17)));
        return lastReply;
    }

    private void run(ControllerEvent event) {
        events.add(event);
        while (!events.isEmpty()) {
            for (ControllerEffect effect : controller.step(events.remove(), 0)) {
                switch (effect) {
                    case Append it -> events.add(new Committed(new LogPosition(1, index++), it.entry()));
                    case Reply it -> lastReply = it.reply();
                    case Publish it -> {
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
