// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.ClusterProcesses;
import io.tailrace.broker.ClusterProcesses.Place;
import io.tailrace.broker.chaos.Operation.Committed;
import io.tailrace.broker.chaos.Operation.Mode;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Seen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** One run from a seed: a cluster, a load, faults for some time, all mended, a last look at everything, a verdict. */
final class ChaosRun {

    static final String TOPIC = "chaos";
    static final int NODES = 3;

    private static final int PARTITIONS = 4;
    /** Of each of two producers. */
    private static final int PER_SECOND = Integer.getInteger("tailrace.chaos.rate", 60);

    private static final String ALONE = "alone";
    private static final String CLASSIC = "classic-members";
    private static final String CONSUMER = "consumer-members";

    /** As few as a small machine bears, and no smaller disk than the faults need. */
    private static final List<String> SETTINGS =
            List.of("log.dir.min.free.bytes", "16777216", "offsets.topic.num.partitions", "4");

    /** Rot is looked for all the time, where there is some: reading everything again and again takes a good part of a core. */
    private static final List<String> SCRUB =
            List.of("log.scrub.interval.ms", "1000", "log.scrub.io.max.bytes.per.second", "20971520");

    /** Segments close soon, so that there are some to be spoiled. */
    private static final Map<String, String> TOPIC_CONFIG =
            Map.of("min.insync.replicas", "2", "segment.bytes", "1048576", "segment.ms", "5000");

    private final Path dir;
    private final Site site;
    private final List<Fault> faults;
    private final long seconds;
    private final long seed;
    private final String[] settings;
    private final History history = new History();
    private final List<TopicPartition> partitions = new ArrayList<>();

    /**
     * @param dir for what the nodes print and, if something is found, for the history
     * @param seconds of faults; starting, mending and the last look come on top
     */
    ChaosRun(Path dir, Site site, List<Fault> faults, long seconds, long seed) {
        this.dir = dir;
        this.site = site;
        this.faults = faults;
        this.seconds = seconds;
        this.seed = seed;
        List<String> all = new ArrayList<>(SETTINGS);
        if (faults.contains(Fault.CORRUPT)) {
            all.addAll(SCRUB);
        }
        this.settings = all.toArray(String[]::new);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            partitions.add(new TopicPartition(TOPIC, partition));
        }
    }

    /** @return the anomalies; what was seen is printed, and kept in {@code dir} if anything forbidden was found */
    List<Anomaly> run() throws Exception {
        List<Anomaly> anomalies = new ArrayList<>();
        String recoveries = "";
        FaultTally tally = new FaultTally();
        try (ClusterProcesses cluster = new ClusterProcesses(dir, site.places())) {
            for (int node = 1; node <= NODES; node++) {
                cluster.start(node, settings);
            }
            try (ClusterView view = new ClusterView(cluster)) {
                begin(cluster, view);
                Nemesis nemesis = new Nemesis(cluster, site, view, history, faults, settings, seed);
                try {
                    load(cluster, nemesis);
                    nemesis.mend();
                    nemesis.recover("everything");
                    nemesis.untilSound();
                    lookAtAll(cluster.bootstrap());
                    lookAtGroups(view);
                } catch (IllegalStateException stuck) {
                    cluster.dumpThreads();
                    cluster.dumpHeaps();
                    history.note("stuck: " + stuck.getMessage());
                    anomalies.add(new Anomaly(Anomaly.Kind.NO_RECOVERY, String.valueOf(stuck.getMessage())));
                    lookAllTheSame(cluster.bootstrap());
                }
                recoveries = nemesis.recoveries();
                tally = nemesis.tally();
            }
            if (anomalies.isEmpty()) {
                for (int node = 1; node <= NODES; node++) {
                    cluster.stop(node);
                }
                for (TopicPartition partition : partitions) {
                    anomalies.addAll(LogComparison.compare(
                            partition, site.places().stream().map(Place::data).toList()));
                }
            }
        }
        anomalies.addAll(tally.missing(faults));
        anomalies.addAll(Checker.check(history.operations()));
        report(anomalies, tally, recoveries);
        return anomalies;
    }

    private static void begin(ClusterProcesses cluster, ClusterView view) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(view.admin().describeCluster().nodes().get(5, TimeUnit.SECONDS))
                            .as(cluster::outputs)
                            .hasSize(NODES);
                });
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> create(view));
        await().atMost(Duration.ofSeconds(120)).until(view::isWhole);
    }

    private static boolean create(ClusterView view) throws Exception {
        try {
            view.admin()
                    .createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) NODES).configs(TOPIC_CONFIG)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true; // an earlier call did it, and nobody heard of it
            }
            throw e;
        }
    }

    private void load(ClusterProcesses cluster, Nemesis nemesis) throws Exception {
        String bootstrap = cluster.bootstrap();
        List<Loop> loops = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            loops.add(new ProducerLoop(bootstrap, partitions, PER_SECOND, history, seed + 10 + i));
            loops.add(new ConsumerLoop(
                    bootstrap, partitions, CLASSIC, Mode.SUBSCRIBE, "classic", history, seed + 20 + i));
            loops.add(new ConsumerLoop(
                    bootstrap, partitions, CONSUMER, Mode.SUBSCRIBE, "consumer", history, seed + 30 + i));
        }
        loops.add(new ConsumerLoop(bootstrap, partitions, ALONE, Mode.ASSIGN, "classic", history, seed + 40));
        try {
            loops.forEach(Loop::start);
            TimeUnit.SECONDS.sleep(3);
            nemesis.run(history.nowMs() + seconds * 1_000);
            nemesis.mend();
            // Some seconds of peace, in which the consumers may catch up.
            TimeUnit.SECONDS.sleep(5);
        } finally {
            nemesis.mend();
            loops.forEach(Loop::askToEnd);
            loops.forEach(Loop::close);
        }
    }

    /** Whether anything is missing cannot be told without a last look; a cluster that is not whole may be able to show all. */
    private void lookAllTheSame(String bootstrap) {
        if (history.operations().stream().noneMatch(it -> it instanceof Poll poll && poll.mode() == Mode.FINAL)) {
            try {
                lookAtAll(bootstrap);
            } catch (IllegalStateException dark) {
                history.note("no last look: " + dark);
            }
        }
    }

    /** Every partition from its beginning to its end, by a consumer that has seen nothing yet. */
    private void lookAtAll(String bootstrap) {
        long patienceMs = history.nowMs() + 120_000;
        List<Poll> polls = new ArrayList<>();
        try (KafkaConsumer<ByteBuffer, ByteBuffer> consumer = new KafkaConsumer<>(
                ConsumerLoop.config(bootstrap), new ByteBufferDeserializer(), new ByteBufferDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, Duration.ofSeconds(60));
            while (!ends.entrySet().stream()
                    .allMatch(it -> consumer.position(it.getKey(), Duration.ofSeconds(60)) >= it.getValue())) {
                if (history.nowMs() > patienceMs) {
                    throw new IllegalStateException("the final reader does not get to " + ends);
                }
                List<Seen> seen = new ArrayList<>();
                for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(Duration.ofMillis(200))) {
                    seen.add(new Seen(
                            new TopicPartition(record.topic(), record.partition()),
                            record.offset(),
                            record.value().getLong()));
                }
                polls.add(new Poll(0, Mode.FINAL, 0, history.nowMs(), List.copyOf(seen)));
            }
            polls.forEach(history::add); // all or nothing: what a broken look did not get to is not lost
        } catch (org.apache.kafka.common.KafkaException broken) {
            throw new IllegalStateException("the final reader cannot read: " + broken, broken);
        }
    }

    private void lookAtGroups(ClusterView view) throws InterruptedException {
        for (String group : List.of(ALONE, CLASSIC, CONSUMER)) {
            long beganMs = history.nowMs();
            var committed = view.committed(group);
            for (TopicPartition partition : partitions) {
                var it = committed.get(partition);
                history.add(new Committed(group, partition, it == null ? -1 : it.offset(), beganMs));
            }
        }
    }

    private void report(List<Anomaly> anomalies, FaultTally tally, String recoveries) throws IOException {
        boolean forbidden = anomalies.stream().anyMatch(it -> it.kind().forbidden());
        say("chaos: faults " + Fault.names(faults) + " for " + seconds + " s, seed " + seed);
        say("  inflicted: " + tally);
        say("  " + history.summary());
        say("  whole again after a fault was mended: " + recoveries);
        Map<Anomaly.Kind, Integer> counts = new EnumMap<>(Anomaly.Kind.class);
        anomalies.forEach(it -> counts.merge(it.kind(), 1, Integer::sum));
        say("  anomalies: " + (counts.isEmpty() ? "none" : counts));
        anomalies.stream().limit(20).forEach(it -> say("    " + it));
        history.write(dir);
        if (forbidden) {
            say("  kept: " + dir.toAbsolutePath() + " (history.txt, events.txt, what the nodes printed)");
        }
    }

    /** The report is what the run is for. */
    private static void say(String line) {
        System.out.println(line);
    }
}
