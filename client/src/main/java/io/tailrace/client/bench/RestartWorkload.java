// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A broker with many written partitions ends, cleanly or by {@code kill -9}, and is started again on what it left. Measured from the start
 * command: until it answers at all, and until every partition has told its end offset, which has to be what was acknowledged. Only for
 * targets that name a {@link Target#startCommand}.
 *
 * @param partitionCount of one topic
 * @param recordsEach how many records of 100 bytes each partition gets
 * @param killed whether it ends by {@code kill -9}
 */
record RestartWorkload(String name, int partitionCount, int recordsEach, boolean killed) implements Workload {

    private static final int RECORD_BYTES = 100;
    private static final Map<String, Object> PRODUCER = Map.of("linger.ms", 5, "acks", "all");

    @Override
    public boolean startsBroker() {
        return true;
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        List<Measure> found = new ArrayList<>();
        String topic = fill(target, progress, found);
        QuietDisk.await();
        try (StartedBroker again = StartedBroker.start(target, true)) {
            again.awaitAnswer();
            double answerS = again.wallS();
            progress.at(0.9);
            Clients.awaitEnds(target, topic, partitionCount, recordsEach);
            double allS = again.wallS();
            ProcessStats stats = again.stats();
            found.add(new Measure(name + ".first_answer", answerS, "s"));
            found.add(new Measure(name + ".all_answer", allS, "s"));
            found.add(new Measure(name + ".cpu", stats.cpuS(), "s"));
            found.add(new Measure(name + ".resident", stats.residentBytes() / 1048576.0, "MiB"));
            found.add(new Measure(name + ".files", stats.fileCount(), "fd"));
        }
        return found;
    }

    /** Starts on empty storage, writes to every partition, and ends the broker. */
    private String fill(Target target, Progress progress, List<Measure> found) throws Exception {
        StartedBroker broker = StartedBroker.start(target, false);
        boolean ended = false;
        try {
            broker.awaitAnswer();
            String topic = Clients.createTopic(target, partitionCount, Map.of());
            if (recordsEach > 0) {
                new ProduceWorkload(
                                name,
                                partitionCount,
                                RECORD_BYTES,
                                partitionCount * recordsEach,
                                1,
                                PRODUCER,
                                Map.of(),
                                false)
                        .produce(target, topic, progress);
            }
            ended = true;
            if (killed) {
                broker.kill();
            } else {
                long stopNs = System.nanoTime();
                broker.close();
                found.add(new Measure(name + ".stop", (System.nanoTime() - stopNs) / 1e9, "s"));
            }
            return topic;
        } finally {
            if (!ended) {
                broker.kill();
            }
        }
    }
}
