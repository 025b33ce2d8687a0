// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;

/**
 * Makes many groups by committing one offset in each, and lists them.
 *
 * <p>Groups are made over many connections at a time, as many clients would: on each, the coordinator is looked for and the commit sent, and
 * the next group begins when that is answered. One connection alone does the same for {@code commit_alone}: a commit that shares its sync
 * with nobody, which is what a broker that syncs before it answers pays most for.
 */
record GroupListWorkload(int groups) implements Workload {

    private static final int CONNECTIONS = 50;
    private static final int ALONE = 500;
    private static final int DELETED_AT_ONCE = 500;
    private static final int TIMEOUT_S = 120;
    private static final int LISTINGS = 5;
    /** Of one commit, 10 ms apart, while its coordinator gets ready. */
    private static final int ATTEMPTS = 1_000;

    @Override
    public String name() {
        return "groups.many";
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, 1, Map.of());
        String prefix = "bench-" + UUID.randomUUID() + '-';
        try (Admin admin = Clients.admin(target)) {
            List<String> ids =
                    IntStream.range(0, groups).mapToObj(i -> prefix + i).toList();
            List<String> alone = IntStream.range(0, ALONE)
                    .mapToObj(i -> prefix + "alone-" + i)
                    .toList();
            // The coordinator's topic is there, and both sides are warm, before the clock runs.
            createOver(1, target, topic, alone);
            QuietDisk.await();
            double aloneMs = createOver(1, target, topic, alone) / ALONE;
            QuietDisk.await();
            double createMs = createOver(CONNECTIONS, target, topic, ids);
            double listMs = listMs(admin, prefix, groups + ALONE);
            delete(admin, ids);
            delete(admin, alone);
            return List.of(
                    new Measure(name() + ".commit_alone", aloneMs, "ms"),
                    new Measure(name() + ".create_" + groups, createMs, "ms"),
                    new Measure(name() + ".list_" + groups, listMs, "ms"));
        } finally {
            Clients.deleteTopic(target, topic);
        }
    }

    /** How long it takes, in milliseconds. */
    private static double createOver(int connections, Target target, String topic, List<String> ids) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            List<KafkaSocket> sockets = new ArrayList<>();
            List<Callable<Boolean>> shares = new ArrayList<>();
            for (int number = 0; number < connections; number++) {
                KafkaSocket socket = new KafkaSocket(target);
                sockets.add(socket);
                int first = number;
                shares.add(() -> {
                    for (int i = first; i < ids.size(); i += connections) {
                        create(socket, topic, ids.get(i));
                    }
                    return true;
                });
            }
            long startNs = System.nanoTime();
            for (Future<Boolean> share : threads.invokeAll(shares)) {
                share.get();
            }
            double tookMs = (System.nanoTime() - startNs) / 1e6;
            for (KafkaSocket socket : sockets) {
                socket.close();
            }
            return tookMs;
        }
    }

    private static void create(KafkaSocket socket, String topic, String groupId)
            throws IOException, InterruptedException {
        OffsetCommitRequest commit = OffsetCommitRequest.Builder.forTopicNames(new OffsetCommitRequestData()
                        .setGroupId(groupId)
                        .setTopics(List.of(new OffsetCommitRequestTopic()
                                .setName(topic)
                                .setPartitions(List.of(new OffsetCommitRequestPartition()
                                        .setPartitionIndex(0)
                                        .setCommittedOffset(1))))))
                .build((short) 9);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            socket.findCoordinator(groupId);
            Errors error = Errors.forCode(socket.ask(commit, OffsetCommitResponse.class)
                    .data()
                    .topics()
                    .get(0)
                    .partitions()
                    .get(0)
                    .errorCode());
            if (error == Errors.NONE) {
                return;
            }
            if (!(error.exception() instanceof RetriableException)) {
                throw new IllegalStateException("refused: " + error);
            }
            Thread.sleep(10);
        }
        throw new IllegalStateException("no commit in " + ATTEMPTS + " attempts");
    }

    private static double listMs(Admin admin, String prefix, int expected) throws Exception {
        double bestMs = Double.MAX_VALUE;
        for (int i = 0; i < LISTINGS; i++) {
            long startNs = System.nanoTime();
            long listed = admin.listGroups().all().get(TIMEOUT_S, TimeUnit.SECONDS).stream()
                    .map(GroupListing::groupId)
                    .filter(id -> id.startsWith(prefix))
                    .count();
            bestMs = Math.min(bestMs, (System.nanoTime() - startNs) / 1e6);
            if (listed != expected) {
                throw new IllegalStateException(listed + " of " + expected + " groups are listed");
            }
        }
        return bestMs;
    }

    private static void delete(Admin admin, List<String> ids) throws Exception {
        for (int from = 0; from < ids.size(); from += DELETED_AT_ONCE) {
            admin.deleteConsumerGroups(ids.subList(from, Math.min(ids.size(), from + DELETED_AT_ONCE)))
                    .all()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
        }
    }
}
