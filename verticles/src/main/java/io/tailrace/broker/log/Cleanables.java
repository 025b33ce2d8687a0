// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.FindCleanable;
import io.tailrace.cluster.bus.TakeInCleaned;
import io.tailrace.log.PartitionLog;
import io.tailrace.log.disk.StorageException;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A shard's part in compaction: it names the log that needs it most, and exchanges segments. {@link CleanerVerticle} does the work between. */
final class Cleanables {

    private static final Logger LOG = LoggerFactory.getLogger(Cleanables.class);

    private final HostedPartitions partitions;

    Cleanables(HostedPartitions partitions) {
        this.partitions = partitions;
    }

    FindCleanable.Reply find(FindCleanable request, long nowMs) {
        HostedPartition best = null;
        double bestRatio = -1;
        for (HostedPartition partition : partitions.all()) {
            double ratio = request.except().contains(partition.key()) ? -1 : dirtyRatio(partition, nowMs);
            if (ratio > bestRatio) {
                best = partition;
                bestRatio = ratio;
            }
        }
        return new FindCleanable.Reply(claim(best, nowMs));
    }

    private static double dirtyRatio(HostedPartition partition, long nowMs) {
        try {
            OptionalDouble ratio = partition.log().dirtyRatio(partition.leader().highWatermark(), nowMs);
            return ratio.orElse(-1);
        } catch (StorageException offline) {
            return -1; // whoever reads or writes it is told
        }
    }

    private static Optional<FindCleanable.Candidate> claim(@Nullable HostedPartition best, long nowMs) {
        if (best == null) {
            return Optional.empty();
        }
        try {
            return best.log()
                    .claimForCleaning(best.leader().highWatermark(), nowMs)
                    .map(claimed -> new FindCleanable.Candidate(best.key(), claimed));
        } catch (StorageException offline) {
            return Optional.empty();
        }
    }

    TakeInCleaned.Reply takeIn(TakeInCleaned request) {
        HostedPartition partition = partitions.hosted(request.partition());
        if (partition == null) {
            return new TakeInCleaned.Reply(false);
        }
        PartitionLog log = partition.log();
        try {
            boolean taken = log.takeIn(request.claim(), request.cleaned());
            if (taken && request.cleanedTo().isPresent()) {
                log.cleanedTo(request.claim(), request.cleanedTo().getAsLong());
            }
            return new TakeInCleaned.Reply(taken);
        } catch (StorageException offline) {
            LOG.error(
                    "topic={} partition={}: a compacted segment could not be put in its place, the log is offline",
                    request.partition().topic(),
                    request.partition().partition(),
                    offline);
            return new TakeInCleaned.Reply(false);
        }
    }
}
