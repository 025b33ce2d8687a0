// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerRequest.AllocateProducerIds;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.AlterPartition;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.ElectLeaders;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.ListReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.UpdateFeatures;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import java.util.List;
import org.apache.kafka.common.config.TopicConfig;

/** Sends each request to who decides it. */
final class Decisions {

    private final TopicNames names = new TopicNames();
    private final TopicCreation creation;
    private final TopicChanges topics;
    private final ConfigAlterations configs;
    private final BrokerChanges brokers;
    private final FeatureChanges features;
    private final Sessions sessions;
    private final NodeMoves moves;
    private final Heartbeats heartbeats;
    private final IsrChanges isrs;
    private final ReplicaFailures failures;
    private final Elections elections;
    private final ReassignmentChanges reassignments;

    Decisions(ControllerConfig config, ConfigPolicy policy) {
        creation = new TopicCreation(config, policy, names);
        topics = new TopicChanges(config, names);
        configs = new ConfigAlterations(policy);
        TopicRules rules = new TopicRules(policy);
        sessions = new Sessions(config.liveness());
        moves = new NodeMoves(rules);
        heartbeats = new Heartbeats(config, sessions, moves);
        brokers = new BrokerChanges(config, sessions, moves, heartbeats);
        isrs = new IsrChanges(rules);
        failures = new ReplicaFailures(rules);
        elections = new Elections(rules);
        reassignments = new ReassignmentChanges(rules);
        features = new FeatureChanges(config);
    }

    /** What was drafted is void: goes back to this image. */
    void reset(ClusterImage image) {
        names.reset(image.topics().keySet());
    }

    /** This node has begun to lead. */
    void begin(ClusterImage image, long nowMs) {
        sessions.begin(image.brokers().values(), nowMs);
    }

    void suspect(int node, long nowMs) {
        sessions.suspect(node, nowMs);
    }

    void refused(int node, long nowMs) {
        sessions.refused(node, nowMs);
    }

    /** What time alone brings about. */
    void tick(long nowMs, Draft draft) {
        heartbeats.tick(nowMs, draft);
    }

    List<FeatureChanged> initialFeatures() {
        return features.initial();
    }

    ControllerReply decide(ControllerRequest request, TopicIds.Seed seed, long nowMs, Draft draft) {
        return switch (request) {
            case CreateTopics it -> creation.decide(it, new TopicIds(seed), draft);
            case DeleteTopics it -> topics.delete(it, draft);
            case CreatePartitions it -> topics.extend(it, draft);
            case AlterConfigs it -> configure(it, draft);
            case UpdateFeatures it -> features.decide(it, draft);
            case AllocateProducerIds it -> brokers.allocate(it, draft);
            case ElectLeaders it -> elections.decide(it, draft);
            case AlterReassignments it -> reassignments.alter(it, draft);
            case ListReassignments it -> ReassignmentChanges.list(it, draft.image());
            case RegisterBroker it -> brokers.register(it, nowMs, draft);
            case UnregisterBroker it -> brokers.unregister(it, draft);
            case FenceBroker it -> brokers.fence(it, draft);
            case BrokerHeartbeat it -> heartbeats.decide(it, nowMs, draft);
            case AlterPartition it -> isrs.decide(it, draft);
            case ReportFailedReplicas it -> failures.decide(it, draft);
        };
    }

    private ControllerReply configure(AlterConfigs request, Draft draft) {
        ControllerReply reply = configs.decide(request, draft);
        boolean trust = request.alterations().stream()
                .flatMap(it -> it.changes().stream())
                .anyMatch(it -> it.key().equals(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        if (trust || request.replace()) {
            moves.rulesChanged(draft);
        }
        return reply;
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
            case BrokerHeartbeat it -> false;
            case AlterPartition it -> false;
            case ReportFailedReplicas it -> false;
        };
    }
}
