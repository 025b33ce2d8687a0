// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.ClusterProcesses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** What an admin client is told of the cluster. Every question may go without an answer. */
final class ClusterView implements AutoCloseable {

    private static final int CONNECT_MS = 1_000;

    private final Admin admin;
    private final List<InetSocketAddress> addresses;
    private final int nodes;

    ClusterView(ClusterProcesses cluster) {
        this.nodes = cluster.size();
        this.addresses = IntStream.rangeClosed(1, nodes)
                .mapToObj(node -> cluster.address(node).split(":"))
                .map(it -> new InetSocketAddress(it[0], Integer.parseInt(it[1])))
                .toList();
        this.admin = Admin.create(Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "request.timeout.ms",
                2_000,
                "default.api.timeout.ms",
                4_000,
                "reconnect.backoff.max.ms",
                500,
                "socket.connection.setup.timeout.ms",
                500,
                "socket.connection.setup.timeout.max.ms",
                1_000));
    }

    Admin admin() {
        return admin;
    }

    /** All nodes serve, and every replica of every partition is in sync. */
    boolean isWhole() {
        try {
            return addresses.stream().allMatch(ClusterView::serves)
                    && admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).size() == nodes
                    && partitions().stream()
                            .allMatch(it -> it.leader() != null
                                    && it.isr().size() == it.replicas().size());
        } catch (ExecutionException | TimeoutException busy) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A node listens once it is registered: what the others say of it may be of its life before. */
    private static boolean serves(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MS);
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    String describe() {
        try {
            return "nodes " + ids(admin.describeCluster().nodes().get(5, TimeUnit.SECONDS))
                    + partitions().stream()
                            .filter(it -> it.isr().size() < it.replicas().size())
                            .map(it -> ", a partition " + it.partition() + " led by "
                                    + (it.leader() == null
                                            ? "none"
                                            : it.leader().idString()) + " in sync with "
                                    + ids(it.isr()))
                            .collect(Collectors.joining());
        } catch (ExecutionException | TimeoutException busy) {
            return busy.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).sorted().toList();
    }

    private List<TopicPartitionInfo> partitions() throws ExecutionException, InterruptedException, TimeoutException {
        List<TopicPartitionInfo> all = new ArrayList<>();
        var names = admin.listTopics(new ListTopicsOptions().listInternal(true))
                .names()
                .get(5, TimeUnit.SECONDS);
        for (TopicDescription topic : admin.describeTopics(names)
                .allTopicNames()
                .get(5, TimeUnit.SECONDS)
                .values()) {
            all.addAll(topic.partitions());
        }
        return all;
    }

    /** The leader of some partition. */
    OptionalInt aLeader(Random random) {
        try {
            List<Node> leaders = partitions().stream()
                    .map(TopicPartitionInfo::leader)
                    .filter(it -> it != null && it.id() > 0)
                    .toList();
            return leaders.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of(leaders.get(random.nextInt(leaders.size())).id());
        } catch (ExecutionException | TimeoutException busy) {
            return OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }

    OptionalInt leader(TopicPartition partition) {
        try {
            Node leader = admin.describeTopics(List.of(partition.topic()))
                    .topicNameValues()
                    .get(partition.topic())
                    .get(5, TimeUnit.SECONDS)
                    .partitions()
                    .get(partition.partition())
                    .leader();
            return leader == null || leader.isEmpty() ? OptionalInt.empty() : OptionalInt.of(leader.id());
        } catch (ExecutionException | TimeoutException busy) {
            return OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }

    OptionalInt controller() {
        try {
            Node controller = admin.describeCluster().controller().get(5, TimeUnit.SECONDS);
            return controller == null || controller.isEmpty() ? OptionalInt.empty() : OptionalInt.of(controller.id());
        } catch (ExecutionException | TimeoutException busy) {
            return OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }

    /** What a group has committed; asked again for a minute. */
    Map<TopicPartition, OffsetAndMetadata> committed(String group) throws InterruptedException {
        ExecutionException last = null;
        for (int attempt = 0; attempt < 15; attempt++) {
            try {
                return admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata()
                        .get();
            } catch (ExecutionException busy) {
                last = busy;
            }
        }
        throw new IllegalStateException("what " + group + " has committed cannot be told", last);
    }

    @Override
    public void close() {
        admin.close();
    }
}
