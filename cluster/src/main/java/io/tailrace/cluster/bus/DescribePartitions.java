// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What the shard holds on disk and how far it is: for DescribeLogDirs, metrics and the console. */
public record DescribePartitions() implements LogRequest<DescribePartitions.Reply> {

    /** @param directories every log directory of this node, the offline ones too */
    public record Reply(List<Directory> directories, List<Partition> partitions) {}

    /** @param error KAFKA_STORAGE_ERROR if the directory is offline */
    public record Directory(String path, Errors error, long totalBytes, long usableBytes) {}

    /** @param directory path of the log directory that holds it */
    public record Partition(
            PartitionKey key,
            String topic,
            String directory,
            long bytes,
            long logStartOffset,
            long highWatermark,
            long logEndOffset) {}
}
