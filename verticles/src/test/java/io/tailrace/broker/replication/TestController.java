// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.broker.api.NodeFeatures;
import io.tailrace.broker.controller.InstantController;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ConfigTarget;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The controller that all nodes of a test see. */
public final class TestController extends InstantController {

    private static final String CLUSTER = "a-cluster-id-for-tests";

    public TestController() {
        super(
                new ControllerConfig(0, CLUSTER, new ControllerConfig.TopicDefaults(1, 1, true), NodeFeatures.levels()),
                ConfigPolicy.permissive());
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
        fence(node, image().brokers().get(node).epoch(), fenced);
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
        return image().topic(name).orElseThrow();
    }

    public PartitionImage partition(String topic) {
        return image().partition(topic, 0).orElseThrow();
    }
}
