// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ControllerConfig.FeatureLevels;
import io.tailrace.cluster.metadata.ControllerConfig.Liveness;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerEffect.Append;
import io.tailrace.cluster.metadata.ControllerEffect.Publish;
import io.tailrace.cluster.metadata.ControllerEffect.Reply;
import io.tailrace.cluster.metadata.ControllerEvent.Committed;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Submitted;
import io.tailrace.cluster.metadata.ControllerReply.AlteredPartition;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsAltered;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest.AlterPartition;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.IsrChange;
import io.tailrace.cluster.metadata.ControllerRequest.IsrMember;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/** A controller with a log in memory. Entries are committed when the test says so, or at once by {@link #ask}. */
final class ControllerHarness {

    static final int NODE = 1;
    static final String CLUSTER = "test-cluster";

    static final Liveness LIVENESS = new Liveness(6_000, 1_000, true, 60_000);

    final Controller controller;
    final List<byte[]> log = new ArrayList<>();
    final List<ControllerEffect> effects = new ArrayList<>();
    final Map<Long, ControllerReply> replies = new LinkedHashMap<>();
    private final Deque<byte[]> underWay = new ArrayDeque<>();
    long nowMs;
    private long nextRequest;

    ControllerHarness(ControllerConfig config, ConfigPolicy policy) {
        controller = new Controller(config, policy);
    }

    static ControllerConfig config() {
        return new ControllerConfig(
                NODE,
                CLUSTER,
                new TopicDefaults(3, 1, true),
                Map.of("metadata.version", new FeatureLevels((short) 7, (short) 29, (short) 29)));
    }

    /** Leads, with node 1 (its own) registered. */
    static ControllerHarness leading() {
        return leading(config(), ConfigPolicy.permissive());
    }

    static ControllerHarness leading(ControllerConfig config, ConfigPolicy policy) {
        ControllerHarness harness = new ControllerHarness(config, policy);
        harness.step(new LeadershipChanged(1, NODE));
        harness.commitAll();
        harness.ask(registration(NODE, Optional.empty()));
        return harness;
    }

    /** Leads, with nodes 1 (its own), 2 and 3. */
    static ControllerHarness leadingThree() {
        return leading(
                        new ControllerConfig(
                                NODE, CLUSTER, new TopicDefaults(1, 1, true), Map.of(), Optional.empty(), LIVENESS),
                        ConfigPolicy.permissive())
                .withNodes("a", "a");
    }

    /** Adds nodes 2 and up, each unfenced, in the racks given. */
    ControllerHarness withNodes(String... racks) {
        for (int i = 0; i < racks.length; i++) {
            int node = i + 2;
            var reply = (ControllerReply.BrokerRegistered) ask(registration(node, Optional.of(racks[i])));
            ask(new ControllerRequest.FenceBroker(node, reply.brokerEpoch(), false));
        }
        return this;
    }

    static RegisterBroker registration(int node, Optional<String> rack) {
        return new RegisterBroker(
                node,
                new Uuid(9, node),
                CLUSTER,
                List.of(new Endpoint("PLAIN", "PLAINTEXT", "host" + node, 9092)),
                rack);
    }

    static NewTopic topic(String name, int partitions, int factor) {
        return new NewTopic(name, partitions, factor, new TreeMap<>(), Map.of());
    }

    static CreateTopics create(NewTopic... topics) {
        return new CreateTopics(List.of(topics), false);
    }

    Uuid created(String name, int partitions, int factor) {
        var reply = (TopicsCreated) ask(create(topic(name, partitions, factor)));
        if (!reply.topics().get(0).outcome().isOk()) {
            throw new AssertionError(reply);
        }
        return reply.topics().get(0).id();
    }

    /** Creates topic "t" with one partition on these. */
    Uuid place(int minInSync, Integer... replicas) {
        ask(create(new NewTopic(
                "t",
                -1,
                -1,
                new TreeMap<>(Map.of(0, List.of(replicas))),
                Map.of("min.insync.replicas", Optional.of(Integer.toString(minInSync))))));
        return id();
    }

    /** Of topic "t". */
    Uuid id() {
        return published().topic("t").orElseThrow().id();
    }

    /** The first of topic "t". */
    PartitionImage partition() {
        return published().partition("t", 0).orElseThrow();
    }

    BrokerImage broker(int node) {
        return Optional.ofNullable(published().brokers().get(node)).orElseThrow();
    }

    /** The leader of {@link #partition} finds these in sync. A node that there is not counts as one of an early start. */
    IsrChange inSync(Integer... isr) {
        PartitionImage now = partition();
        return inSync(now.leaderEpoch(), now.partitionEpoch(), isr);
    }

    IsrChange inSync(int leaderEpoch, int partitionEpoch, Integer... isr) {
        List<IsrMember> members = Stream.of(isr)
                .map(node -> new IsrMember(
                        node,
                        Optional.ofNullable(published().brokers().get(node))
                                .map(BrokerImage::epoch)
                                .orElse(7L)))
                .toList();
        return new IsrChange(id(), 0, leaderEpoch, partitionEpoch, members);
    }

    /** What a leader is told that asks for a change of {@link #partition}. */
    AlteredPartition alter(int leader, IsrChange change) {
        var reply = (PartitionsAltered)
                ask(new AlterPartition(leader, broker(leader).epoch(), List.of(change)));
        return reply.partitions().get(0);
    }

    /** The reply, with everything committed. */
    ControllerReply ask(ControllerRequest request) {
        long id = submit(request);
        commitAll();
        return Optional.ofNullable(replies.get(id)).orElseThrow();
    }

    long submit(ControllerRequest request) {
        long id = nextRequest++;
        step(new Submitted(id, request, new TopicIds.Seed(11 + id, 13 + id)));
        return id;
    }

    boolean commitOne() {
        byte[] entry = underWay.poll();
        if (entry == null) {
            return false;
        }
        log.add(entry);
        step(new Committed(new LogPosition(1, log.size() - 1), entry));
        return true;
    }

    void commitAll() {
        while (commitOne()) {
            continue;
        }
    }

    List<ControllerEffect> step(ControllerEvent event) {
        List<ControllerEffect> now = controller.step(event, nowMs);
        for (ControllerEffect effect : now) {
            if (effect instanceof Append it) {
                if (!underWay.isEmpty()) {
                    throw new AssertionError("two entries under way");
                }
                underWay.add(it.entry());
            } else if (effect instanceof Reply it) {
                if (it.version() > published().version()) {
                    throw new AssertionError("a reply before its image");
                }
                replies.put(it.requestId(), it.reply());
            } else if (effect instanceof Publish) {
                effects.removeIf(Publish.class::isInstance);
            }
            effects.add(effect);
        }
        return now;
    }

    /** The last image that was shown to the node. */
    ClusterImage published() {
        return effects.stream()
                .filter(Publish.class::isInstance)
                .map(it -> ((Publish) it).image())
                .reduce(ClusterImage.empty(""), (a, b) -> b);
    }

    void loseUnderWay() {
        underWay.clear();
    }
}
