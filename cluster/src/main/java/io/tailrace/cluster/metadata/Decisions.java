// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.ListReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import java.util.List;

/** Sends each request to who decides it. */
final class Decisions {

    private final TopicNames names = new TopicNames();
    private final TopicCreation creation;
    private final TopicChanges topics;
    private final ConfigAlterations configs;
    private final BrokerChanges brokers;
    private final FeatureChanges features;

    Decisions(ControllerConfig config, ConfigPolicy policy) {
        creation = new TopicCreation(config, policy, names);
        topics = new TopicChanges(config, names);
        configs = new ConfigAlterations(policy);
        brokers = new BrokerChanges(config);
        features = new FeatureChanges(config);
    }

    /** What was drafted is void: goes back to this image. */
    void reset(ClusterImage image) {
        names.reset(image.topics().keySet());
    }

    List<FeatureChanged> initialFeatures() {
        return features.initial();
    }

    ControllerReply decide(ControllerRequest request, TopicIds.Seed seed, Draft draft) {
        return switch (request) {
            case CreateTopics it -> creation.decide(it, new TopicIds(seed), draft);
            case DeleteTopics it -> topics.delete(it, draft);
            case CreatePartitions it -> topics.extend(it, draft);
            case AlterConfigs it -> configs.decide(it, draft);
            case UpdateFeatures it -> features.decide(it, draft);
            case AllocateProducerIds it -> brokers.allocate(it, draft);
            case ElectLeaders it -> Elections.decide(it, draft);
            case AlterReassignments it -> ReassignmentChanges.alter(it, draft);
            case ListReassignments it -> ReassignmentChanges.list(it, draft.image());
            case RegisterBroker it -> brokers.register(it, draft);
            case UnregisterBroker it -> brokers.unregister(it, draft);
            case FenceBroker it -> brokers.fence(it, draft);
        };
    }

    /** Whether the request wants to know what would happen, and nothing to happen. */
    static boolean isDryRun(ControllerRequest request) {
        return switch (request) {
            case CreateTopics it -> it.validateOnly();
            case CreatePartitions it -> it.validateOnly();
            case AlterConfigs it -> it.validateOnly();
            case UpdateFeatures it -> it.validateOnly();
            case DeleteTopics it -> false;
            case AllocateProducerIds it -> false;
            case ElectLeaders it -> false;
            case AlterReassignments it -> false;
            case ListReassignments it -> false;
            case RegisterBroker it -> false;
            case UnregisterBroker it -> false;
            case FenceBroker it -> false;
        };
    }
}
