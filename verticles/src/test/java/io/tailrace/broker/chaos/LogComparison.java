// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.FileLogInputStream;
import org.apache.kafka.common.record.internal.FileRecords;

/** Compares what stopped nodes have on disk, batch by batch, read with Kafka's own classes. */
final class LogComparison {

    /** What two replicas must have in common of a batch. */
    private record Batch(long lastOffset, int leaderEpoch, long checksum, boolean valid) {}

    private LogComparison() {}

    /** @param data of each node, node 1 first */
    static List<Anomaly> compare(TopicPartition partition, List<Path> data) throws IOException {
        List<NavigableMap<Long, Batch>> logs = new ArrayList<>();
        for (Path folder : data) {
            logs.add(read(folder.resolve(partition.toString())));
        }
        long from = logs.stream()
                .mapToLong(it -> it.isEmpty() ? 0 : it.firstKey())
                .max()
                .orElse(0);
        long to = logs.stream()
                .mapToLong(it -> it.isEmpty() ? 0 : it.lastEntry().getValue().lastOffset() + 1)
                .min()
                .orElse(0);
        List<Anomaly> found = new ArrayList<>();
        for (int node = 1; node <= logs.size(); node++) {
            NavigableMap<Long, Batch> log = logs.get(node - 1);
            for (var batch : log.entrySet()) {
                if (!batch.getValue().valid()) {
                    found.add(new Anomaly(
                            Anomaly.Kind.LOG_DIVERGENCE,
                            partition + " node " + node + " offset " + batch.getKey() + ": broken on disk"));
                }
            }
            if (from < to && !log.subMap(from, to).equals(logs.getFirst().subMap(from, to))) {
                found.add(new Anomaly(
                        Anomaly.Kind.LOG_DIVERGENCE,
                        partition + " nodes 1 and " + node + ": " + difference(log, logs.getFirst(), from, to)));
            }
        }
        return found;
    }

    private static String difference(
            NavigableMap<Long, Batch> one, NavigableMap<Long, Batch> other, long from, long to) {
        for (long offset = from; offset < to; offset++) {
            if (!Objects.equals(one.get(offset), other.get(offset))) {
                return "at offset " + offset + " " + one.get(offset) + " and " + other.get(offset);
            }
        }
        return "no difference";
    }

    private static NavigableMap<Long, Batch> read(Path folder) throws IOException {
        NavigableMap<Long, Batch> batches = new TreeMap<>();
        List<Path> segments;
        try (Stream<Path> files = Files.list(folder)) {
            segments =
                    files.filter(it -> it.toString().endsWith(".log")).sorted().toList();
        }
        for (Path segment : segments) {
            try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
                for (FileLogInputStream.FileChannelRecordBatch batch : records.batches()) {
                    batches.put(
                            batch.baseOffset(),
                            new Batch(
                                    batch.lastOffset(),
                                    batch.partitionLeaderEpoch(),
                                    batch.checksum(),
                                    batch.isValid()));
                }
            }
        }
        return batches;
    }
}
