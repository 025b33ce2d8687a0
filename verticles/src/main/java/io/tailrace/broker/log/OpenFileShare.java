// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tailrace.log.ShardLogConfig;
import java.lang.management.ManagementFactory;

/**
 * How many of the process's file descriptors each shard may keep for segments and indexes between uses: together a quarter of what the system
 * allows, since connections need theirs. With too few, a producer that spreads over many partitions has a file opened and closed for every batch.
 */
public final class OpenFileShare {

    /** Beyond it an open file's memory in the kernel costs more than opening it again. */
    private static final int MOST = 8_192;

    private OpenFileShare() {}

    /** @param shards how many there are on the node, 1 or more */
    public static int ofShard(int shards) {
        long limit = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : -1;
        return ofShard(limit, shards);
    }

    /** @param limit descriptors the process may have; negative if that is unknown */
    static int ofShard(long limit, int shards) {
        return Math.clamp(limit / 4 / shards, ShardLogConfig.DEFAULT_MAX_OPEN_FILES, MOST);
    }
}
