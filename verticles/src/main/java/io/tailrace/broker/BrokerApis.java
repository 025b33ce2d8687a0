// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.api.AdminApis;
import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.Authorizer;
import io.tailrace.broker.api.ConsumerGroupDescribeApi;
import io.tailrace.broker.api.ConsumerGroupHeartbeatApi;
import io.tailrace.broker.api.DeleteGroupsApi;
import io.tailrace.broker.api.DeleteRecordsApi;
import io.tailrace.broker.api.DescribeGroupsApi;
import io.tailrace.broker.api.DescribeLogDirsApi;
import io.tailrace.broker.api.DescribeProducersApi;
import io.tailrace.broker.api.FetchApi;
import io.tailrace.broker.api.FindCoordinatorApi;
import io.tailrace.broker.api.HeartbeatApi;
import io.tailrace.broker.api.InitProducerIdApi;
import io.tailrace.broker.api.JoinGroupApi;
import io.tailrace.broker.api.KafkaApi;
import io.tailrace.broker.api.LeaveGroupApi;
import io.tailrace.broker.api.ListGroupsApi;
import io.tailrace.broker.api.ListOffsetsApi;
import io.tailrace.broker.api.LogbackLevels;
import io.tailrace.broker.api.NodeFeatures;
import io.tailrace.broker.api.NodeIdentity;
import io.tailrace.broker.api.OffsetCommitApi;
import io.tailrace.broker.api.OffsetDeleteApi;
import io.tailrace.broker.api.OffsetFetchApi;
import io.tailrace.broker.api.OffsetForLeaderEpochApi;
import io.tailrace.broker.api.ProduceApi;
import io.tailrace.broker.api.ProducerIds;
import io.tailrace.broker.api.SyncGroupApi;
import io.tailrace.broker.api.fetch.FetchSessions;
import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.group.CoordinatorTopics;
import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.broker.group.MemberConnections;
import io.tailrace.cluster.metadata.MetadataView;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Which APIs a node serves, and what each of them needs. */
final class BrokerApis {

    private BrokerApis() {}

    static ApiRegistry of(BrokerConfig config, Bus bus, NodeMetadata metadata) {
        Authorizer authorizer = Authorizer.allowAll();
        List<KafkaApi<?>> apis = new ArrayList<>(data(config, bus, metadata, authorizer));
        apis.addAll(admin(config, metadata, authorizer));
        MetadataView view = metadata.view();
        int nodeId = config.node().id();
        GroupCoordinators groups = new GroupCoordinators(bus, view, nodeId);
        MemberConnections connections =
                new MemberConnections(groups, config.groups().disconnectGraceMs());
        apis.addAll(groups(config, groups, connections, metadata, authorizer));
        return ApiRegistry.of(
                apis,
                () -> NodeFeatures.told(view.image()),
                () -> new NodeIdentity(view.image().clusterId(), nodeId),
                connections::closed);
    }

    private static List<KafkaApi<?>> data(BrokerConfig config, Bus bus, NodeMetadata metadata, Authorizer authorizer) {
        MetadataView view = metadata.view();
        FetchSessions sessions = new FetchSessions(
                config.fetch().sessions(), FetchSessions.partitionsThatFit(), new SecureRandom()::nextInt);
        ProducerIds producerIds =
                new ProducerIds(metadata.controller(), view, config.node().id());
        return List.of(
                new ProduceApi(bus, view, authorizer),
                new FetchApi(
                        bus,
                        view,
                        authorizer,
                        sessions,
                        config.fetch().maxBytes(),
                        config.fetch().byRack() ? OptionalInt.of(config.node().id()) : OptionalInt.empty()),
                new ListOffsetsApi(bus, view, authorizer),
                new OffsetForLeaderEpochApi(bus, view, authorizer),
                new DeleteRecordsApi(bus, view, authorizer),
                new DescribeLogDirsApi(bus, authorizer),
                new DescribeProducersApi(bus, view, authorizer),
                new InitProducerIdApi(
                        producerIds, view, authorizer, config.transactions().maxTimeoutMs()));
    }

    private static List<KafkaApi<?>> admin(BrokerConfig config, NodeMetadata metadata, Authorizer authorizer) {
        MetadataView view = metadata.view();
        AdminApis.Node node = new AdminApis.Node(
                metadata.properties(),
                config.topics().autoCreate(),
                view,
                metadata.controller(),
                metadata::quorum,
                LogbackLevels.ofThisProcess());
        return AdminApis.all(node, authorizer);
    }

    private static List<KafkaApi<?>> groups(
            BrokerConfig config,
            GroupCoordinators groups,
            MemberConnections connections,
            NodeMetadata metadata,
            Authorizer authorizer) {
        MetadataView view = metadata.view();
        CoordinatorTopics topics =
                new CoordinatorTopics(view, metadata.controller(), config.groups(), config.transactions());
        return List.of(
                new OffsetCommitApi(groups, view, authorizer),
                new OffsetFetchApi(groups, view, authorizer, metadata::inTouch),
                new FindCoordinatorApi(view, topics, groups, authorizer),
                new JoinGroupApi(groups, connections, authorizer),
                new HeartbeatApi(groups, connections, authorizer),
                new LeaveGroupApi(groups, authorizer),
                new SyncGroupApi(groups, authorizer),
                new DescribeGroupsApi(groups, authorizer),
                new ListGroupsApi(groups, authorizer),
                new DeleteGroupsApi(groups, authorizer),
                new OffsetDeleteApi(groups, view, authorizer),
                new ConsumerGroupHeartbeatApi(groups, connections, authorizer),
                new ConsumerGroupDescribeApi(groups, view, authorizer));
    }
}
