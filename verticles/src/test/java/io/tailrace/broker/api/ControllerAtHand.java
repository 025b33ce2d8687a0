// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.InstantController;
import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.cluster.config.KafkaConfigPolicy;
import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * The controller that handlers are tested against. Node 1 is there, with the listener {@code PLAINTEXT} and no advertised host.
 */
final class ControllerAtHand extends InstantController {

    static final int NODE = 1;
    static final String CLUSTER = "a-cluster-id-for-tests";

    static final NodeProperties PROPERTIES = new NodeProperties(
            NODE,
            ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef()
                    .define("node.id", Type.INT, 0, Importance.HIGH, "This node.")
                    .define("num.partitions", Type.INT, 1, Importance.HIGH, "Partitions of a new topic.")
                    .define("sasl.jaas.config", Type.PASSWORD, null, Importance.HIGH, "A secret.")))),
            Map.of("node.id", "1", "log.retention.hours", "100", "sasl.jaas.config", "hunter2"));

    ControllerAtHand() {
        this(new TopicDefaults(1, 1, true));
    }

    ControllerAtHand(TopicDefaults defaults) {
        super(
                new ControllerConfig(NODE, CLUSTER, defaults, NodeFeatures.levels()),
                new KafkaConfigPolicy(PROPERTIES.keys(), PROPERTIES.statics()));
        addNode(NODE, new Endpoint("PLAINTEXT", "PLAINTEXT", "", 0));
    }

    /** A further node, there and unfenced. */
    void addNode(int id, Endpoint... endpoints) {
        BrokerRegistered registered = (BrokerRegistered)
                ask(new RegisterBroker(id, new Uuid(9, id), CLUSTER, List.of(endpoints), Optional.of("rack-" + id)));
        fence(id, registered.brokerEpoch(), false);
    }
}
