// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Makes many groups by committing one offset in each, and lists them. */
record GroupListWorkload(int groups) implements Workload {

    private static final int AT_ONCE = 500;
    private static final int TIMEOUT_S = 120;
    private static final int LISTINGS = 5;

    @Override
    public String name() {
        return "groups.many";
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        String topic = Clients.createTopic(target, 1, Map.of());
        String prefix = "bench-" + UUID.randomUUID() + '-';
        QuietDisk.await();
        try (Admin admin = Clients.admin(target)) {
            long startNs = System.nanoTime();
            inTurns(prefix, ids -> ids.stream()
                    .map(id -> admin.alterConsumerGroupOffsets(
                                    id, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)))
                            .all())
                    .toList());
            double createMs = (System.nanoTime() - startNs) / 1e6;
            double listMs = Double.MAX_VALUE;
            for (int i = 0; i < LISTINGS; i++) {
                startNs = System.nanoTime();
                long listed = admin.listGroups().all().get(TIMEOUT_S, TimeUnit.SECONDS).stream()
                        .map(GroupListing::groupId)
                        .filter(id -> id.startsWith(prefix))
                        .count();
                listMs = Math.min(listMs, (System.nanoTime() - startNs) / 1e6);
                if (listed != groups) {
                    throw new IllegalStateException(listed + " of " + groups + " groups are listed");
                }
            }
            inTurns(prefix, ids -> List.of(admin.deleteConsumerGroups(ids).all()));
            return List.of(
                    new Measure(name() + ".create_" + groups, createMs, "ms"),
                    new Measure(name() + ".list_" + groups, listMs, "ms"));
        } finally {
            Clients.deleteTopic(target, topic);
        }
    }

    private interface Step {
        List<KafkaFuture<Void>> take(List<String> groupIds);
    }

    private void inTurns(String prefix, Step step) throws Exception {
        for (int from = 0; from < groups; from += AT_ONCE) {
            List<String> ids = new ArrayList<>();
            for (int number = from; number < Math.min(groups, from + AT_ONCE); number++) {
                ids.add(prefix + number);
            }
            for (KafkaFuture<Void> done : step.take(ids)) {
                done.get(TIMEOUT_S, TimeUnit.SECONDS);
            }
        }
    }
}
