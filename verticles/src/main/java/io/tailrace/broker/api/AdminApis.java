// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/** All the APIs by which a cluster is looked at and administered, in the order of their keys. */
public final class AdminApis {

    private AdminApis() {}

    /**
     * What these APIs need of a node.
     *
     * @param autoCreateTopics {@code auto.create.topics.enable}
     */
    public record Node(
            NodeProperties properties,
            boolean autoCreateTopics,
            MetadataView metadata,
            ControllerClient controller,
            Supplier<Future<QuorumState>> quorum,
            LoggerLevels loggers) {}

    public static List<KafkaApi<?>> all(Node node, Authorizer authorizer) {
        MetadataView metadata = node.metadata();
        ControllerClient controller = node.controller();
        NodeProperties properties = node.properties();
        return List.of(
                new MetadataApi(metadata, controller, authorizer, node.autoCreateTopics()),
                new CreateTopicsApi(metadata, controller, authorizer, properties),
                new DeleteTopicsApi(metadata, controller, authorizer),
                new DescribeConfigsApi(metadata, authorizer, properties, node.loggers()),
                new AlterConfigsApi(controller, authorizer),
                new CreatePartitionsApi(controller, authorizer),
                new ElectLeadersApi(controller, authorizer),
                new IncrementalAlterConfigsApi(controller, authorizer, properties.nodeId(), node.loggers()),
                new AlterPartitionReassignmentsApi(controller, authorizer),
                new ListPartitionReassignmentsApi(controller, authorizer),
                new DescribeQuorumApi(metadata, node.quorum(), authorizer),
                new UpdateFeaturesApi(controller, authorizer),
                new DescribeClusterApi(metadata, authorizer),
                new UnregisterBrokerApi(controller, authorizer),
                new ListConfigResourcesApi(metadata, authorizer),
                new DescribeTopicPartitionsApi(metadata, authorizer),
                new AddRaftVoterApi(metadata, controller, authorizer),
                new RemoveRaftVoterApi(metadata, controller, authorizer));
    }
}
