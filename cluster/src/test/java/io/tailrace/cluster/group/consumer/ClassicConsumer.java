// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;

import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.classic.ClassicRequest;
import io.tailrace.cluster.metadata.TopicImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A member that speaks the classic protocol as the Java consumer does with its cooperative assignor, which it runs when it leads. */
final class ClassicConsumer {

    static final int SESSION_MS = 30_000;
    private static final int REBALANCE_MS = 60_000;
    private static final String PROTOCOL = "cooperative-sticky";

    private final GroupBench bench;
    private final String name;
    private final @Nullable String instanceId;
    private final List<String> topics;
    private final CooperativeStickyAssignor assignor = new CooperativeStickyAssignor();
    private final NavigableSet<PartitionId> owned = new TreeSet<>();

    private String memberId = "";
    private int generation = -1;
    private boolean joins = true;
    private long joinTicket = -1;
    private long syncTicket = -1;
    private Map<String, byte[]> assignments = Map.of();

    ClassicConsumer(GroupBench bench, String name, @Nullable String instanceId, String... topics) {
        this.bench = bench;
        this.name = name;
        this.instanceId = instanceId;
        this.topics = List.of(topics);
    }

    /** Does what there is to do now: joins, takes answers in, or heartbeats. Returns what it was told last. */
    Errors poll() {
        Errors told = Errors.NONE;
        if (joinTicket < 0 && syncTicket < 0) {
            told = joins ? join() : beat();
        }
        Optional<GroupAnswer> joined = joinTicket < 0 ? Optional.empty() : bench.poll(joinTicket);
        if (joined.isPresent()) {
            told = onJoined((ClassicRequest.Joined) joined.get());
        }
        Optional<GroupAnswer> synced = syncTicket < 0 ? Optional.empty() : bench.poll(syncTicket);
        if (synced.isPresent()) {
            told = onSynced((ClassicRequest.Synced) synced.get());
        }
        return told;
    }

    ClassicRequest.Join joinRequest() {
        List<TopicPartition> named = new ArrayList<>();
        for (PartitionId partition : owned) {
            bench.topics().values().stream()
                    .filter(topic -> topic.id().equals(partition.topicId()))
                    .forEach(topic -> named.add(new TopicPartition(topic.name(), partition.partition())));
        }
        ByteBuffer userData = assignor.subscriptionUserData(Set.copyOf(topics));
        ByteBuffer bytes = ConsumerProtocol.serializeSubscription(
                new Subscription(topics, userData, named, generation, Optional.empty()));
        byte[] metadata = new byte[bytes.remaining()];
        bytes.get(metadata);
        return new ClassicRequest.Join(
                GROUP,
                memberId,
                instanceId,
                name,
                new ClassicRequest.Client("classic", "/127.0.0.1"),
                "consumer",
                List.of(new ClassicRequest.Protocol(PROTOCOL, metadata)),
                SESSION_MS,
                REBALANCE_MS,
                true,
                true);
    }

    private Errors join() {
        joins = false;
        joinTicket = bench.send(joinRequest());
        return Errors.NONE;
    }

    private Errors onJoined(ClassicRequest.Joined joined) {
        joinTicket = -1;
        if (joined.error() == Errors.MEMBER_ID_REQUIRED) {
            memberId = joined.memberId();
            return join();
        }
        if (joined.error() != Errors.NONE) {
            return refused(joined.error());
        }
        memberId = joined.memberId();
        generation = joined.generation();
        assignments = memberId.equals(joined.leader()) && !joined.skipAssignment() ? assign(joined.peers()) : Map.of();
        syncTicket = bench.send(new ClassicRequest.Sync(
                GROUP, memberId, instanceId, generation, "consumer", joined.protocolName(), assignments));
        return Errors.NONE;
    }

    private Map<String, byte[]> assign(List<ClassicRequest.Peer> peers) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        for (ClassicRequest.Peer peer : peers) {
            Subscription subscription = ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(peer.metadata()));
            subscription.setGroupInstanceId(Optional.ofNullable(peer.instanceId()));
            subscriptions.put(peer.memberId(), subscription);
        }
        Map<String, byte[]> made = new HashMap<>();
        assignor.assign(cluster(), new ConsumerPartitionAssignor.GroupSubscription(subscriptions))
                .groupAssignment()
                .forEach((member, assignment) -> {
                    ByteBuffer bytes = ConsumerProtocol.serializeAssignment(assignment);
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    made.put(member, copy);
                });
        return made;
    }

    private Cluster cluster() {
        Node node = new Node(1, "localhost", 9092);
        List<PartitionInfo> partitions = new ArrayList<>();
        for (TopicImage topic : bench.topics().values()) {
            topic.partitions()
                    .forEach(partition -> partitions.add(new PartitionInfo(
                            topic.name(), partition.index(), node, new Node[] {node}, new Node[] {node})));
        }
        return new Cluster("cluster", List.of(node), partitions, Set.of(), Set.of());
    }

    private Errors onSynced(ClassicRequest.Synced synced) {
        syncTicket = -1;
        if (synced.error() != Errors.NONE) {
            return refused(synced.error());
        }
        Set<PartitionId> given = new TreeSet<>();
        ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(synced.assignment()))
                .partitions()
                .forEach(partition -> given.add(bench.partition(partition.topic(), partition.partition())));
        // What it gives back makes a cooperative member join again.
        joins = !given.containsAll(owned);
        owned.clear();
        owned.addAll(given);
        return Errors.NONE;
    }

    private Errors beat() {
        Errors told = bench.ask(
                        new ClassicRequest.Heartbeat(GROUP, memberId, instanceId, generation),
                        ClassicRequest.Beaten.class)
                .error();
        return told == Errors.NONE ? told : refused(told);
    }

    private Errors refused(Errors error) {
        joins = true;
        switch (error) {
            case REBALANCE_IN_PROGRESS -> {}
            case FENCED_INSTANCE_ID -> {
                lose();
                joins = false;
            }
            case ILLEGAL_GENERATION -> lose();
            case UNKNOWN_MEMBER_ID -> {
                lose();
                memberId = "";
            }
            default -> throw new AssertionError(name + ": " + error);
        }
        return error;
    }

    private void lose() {
        owned.clear();
        generation = -1;
    }

    /** Stops reading, and comes back as a new member. */
    void abandon() {
        lose();
        memberId = "";
        joins = true;
        joinTicket = -1;
        syncTicket = -1;
    }

    void leave() {
        if (!memberId.isEmpty()) {
            bench.ask(
                    new ClassicRequest.Leave(GROUP, List.of(new ClassicRequest.Leaver(memberId, instanceId))),
                    ClassicRequest.Left.class);
        }
        abandon();
    }

    boolean waits() {
        return joinTicket >= 0 || syncTicket >= 0;
    }

    String memberId() {
        return memberId;
    }

    int generation() {
        return generation;
    }

    NavigableSet<PartitionId> owned() {
        return owned;
    }
}
