// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The shared reads of a node: one for each partition that somebody waits at the end of, on whatever event loop. Safe from any thread. */
public final class TailReaders {

    private final List<TailHome> homes = new CopyOnWriteArrayList<>();
    private final ConcurrentMap<PartitionKey, TailReader> readers = new ConcurrentHashMap<>();

    /** Readers may live there from now on. */
    void open(TailHome home) {
        homes.add(home);
    }

    /** To be called with a home open. Partitions of one log shard share a home, if there are as many of one as of the other. */
    TailReader of(PartitionKey partition) {
        return readers.computeIfAbsent(partition, this::make);
    }

    private TailReader make(PartitionKey partition) {
        TailHome home = homes.get(partition.shard(homes.size()));
        return new TailReader(home, partition, () -> readers.remove(partition));
    }
}
