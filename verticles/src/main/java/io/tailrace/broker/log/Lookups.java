// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.DescribeProducers;
import io.tailrace.cluster.bus.EpochEnd;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.ListOffsets;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.log.LogDirectories;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.TimestampedOffset;
import io.tailrace.log.disk.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;

/** The questions a shard answers from what it has, at once. */
final class Lookups {

    private final HostedPartitions partitions;
    private final LogDirectories directories;

    Lookups(HostedPartitions partitions, LogDirectories directories) {
        this.partitions = partitions;
        this.directories = directories;
    }

    ListOffsets.Reply listOffsets(ListOffsets request, long nowMs) {
        List<ListOffsets.Result> results = new ArrayList<>(request.parts().size());
        for (ListOffsets.Part part : request.parts()) {
            HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition == null) {
                results.add(ListOffsets.Result.refused(partitions.absence(part.partition())));
                continue;
            }
            Errors error = check(partition, part.leaderEpoch());
            results.add(
                    error == Errors.NONE
                            ? online(
                                    () -> offset(partition, part.timestamp(), request.isolation()),
                                    ListOffsets.Result.refused(Errors.KAFKA_STORAGE_ERROR))
                            : ListOffsets.Result.refused(error));
        }
        return new ListOffsets.Reply(results);
    }

    private static ListOffsets.Result offset(HostedPartition partition, long timestamp, Isolation isolation) {
        PartitionLog log = partition.log();
        long highWatermark = partition.leader().highWatermark();
        long end =
                switch (isolation) {
                    case LOG_END -> log.logEndOffset();
                    case READ_UNCOMMITTED -> highWatermark;
                    case READ_COMMITTED -> log.lastStableOffset(highWatermark);
                };
        int epoch = partition.leader().leaderEpoch();
        boolean asksForEnd = timestamp != ListOffsetsRequest.EARLIEST_TIMESTAMP
                && timestamp != ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP;
        if (isolation != Isolation.LOG_END && asksForEnd && !partition.leader().knowsHighWatermark()) {
            return ListOffsets.Result.refused(Errors.OFFSET_NOT_AVAILABLE); // KIP-207: the end must not seem to go back
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            return new ListOffsets.Result(Errors.NONE, -1, end, epoch);
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return new ListOffsets.Result(Errors.NONE, -1, log.logStartOffset(), log.epochAt(log.logStartOffset()));
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return ListOffsets.Result.NOTHING; // nothing is ever tiered away
        }
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return found(log.maxTimestamp().filter(newest -> newest.offset() < end));
        }
        return timestamp < 0
                ? ListOffsets.Result.refused(Errors.UNSUPPORTED_VERSION)
                : found(log.offsetForTimestamp(timestamp, end));
    }

    private static ListOffsets.Result found(Optional<TimestampedOffset> record) {
        return record.map(at -> new ListOffsets.Result(Errors.NONE, at.timestampMs(), at.offset(), at.leaderEpoch()))
                .orElse(ListOffsets.Result.NOTHING);
    }

    EpochEnd.Reply epochEnd(EpochEnd request, long nowMs) {
        List<EpochEnd.Result> results = new ArrayList<>(request.parts().size());
        for (EpochEnd.Part part : request.parts()) {
            HostedPartition partition = partitions.find(part.partition(), nowMs);
            if (partition == null) {
                results.add(EpochEnd.Result.refused(partitions.absence(part.partition())));
                continue;
            }
            Errors error = check(partition, part.currentLeaderEpoch());
            results.add(
                    error == Errors.NONE
                            ? online(
                                    () -> end(partition.log(), part.epoch()),
                                    EpochEnd.Result.refused(Errors.KAFKA_STORAGE_ERROR))
                            : EpochEnd.Result.refused(error));
        }
        return new EpochEnd.Reply(results);
    }

    private static EpochEnd.Result end(PartitionLog log, int epoch) {
        io.tailrace.log.epoch.EpochEnd end = log.epochEnd(epoch);
        return new EpochEnd.Result(Errors.NONE, end.epoch(), end.endOffset());
    }

    /** A log is loaded by its first use, and may turn out to be unreadable then. */
    private static <R> R online(Supplier<R> lookup, R offline) {
        try {
            return lookup.get();
        } catch (StorageException failed) {
            return offline;
        }
    }

    DescribeProducers.Reply describeProducers(DescribeProducers request, long nowMs) {
        List<DescribeProducers.Result> results =
                new ArrayList<>(request.partitions().size());
        for (PartitionKey key : request.partitions()) {
            HostedPartition partition = partitions.find(key, nowMs);
            Errors error = partition == null ? partitions.absence(key) : check(partition, -1);
            results.add(
                    partition == null || error != Errors.NONE
                            ? new DescribeProducers.Result(error, List.of())
                            : online(
                                    () -> new DescribeProducers.Result(
                                            Errors.NONE, ActiveProducers.of(partition.log())),
                                    new DescribeProducers.Result(Errors.KAFKA_STORAGE_ERROR, List.of())));
        }
        return new DescribeProducers.Reply(results);
    }

    DescribePartitions.Reply describePartitions() {
        List<DescribePartitions.Directory> found =
                directories.directories().stream().map(this::directory).toList();
        List<DescribePartitions.Partition> all = new ArrayList<>();
        for (PartitionLog log : partitions.shardLog().partitions()) {
            PartitionKey key = Housekeeping.key(log);
            HostedPartition hosted = partitions.hosted(key);
            all.add(new DescribePartitions.Partition(
                    key,
                    log.topicPartition().topic(),
                    log.logDirectory().toString(),
                    log.sizeBytes(),
                    log.logStartOffset(),
                    hosted == null ? log.durableEndOffset() : hosted.leader().highWatermark(),
                    log.logEndOffset()));
        }
        return new DescribePartitions.Reply(found, all);
    }

    private DescribePartitions.Directory directory(Path path) {
        try {
            return new DescribePartitions.Directory(
                    path.toString(),
                    Errors.NONE,
                    path.toFile().getTotalSpace(),
                    directories.disk().usableBytes(path));
        } catch (StorageException offline) {
            return new DescribePartitions.Directory(path.toString(), Errors.KAFKA_STORAGE_ERROR, -1, -1);
        }
    }

    static Errors check(HostedPartition partition, int leaderEpoch) {
        Errors error = partition.leader().check(leaderEpoch);
        return error == Errors.NONE && !partition.log().isOnline() ? Errors.KAFKA_STORAGE_ERROR : error;
    }
}
