// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.View;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Those of one event loop that wait at the ends of partitions. */
public final class Tails {

    private final TailReaders readers;
    private final Later later;
    private final Map<PartitionKey, Tail> tails = new HashMap<>();

    /**
     * @param readers of the node; some of them may live on this event loop
     * @param workers where they unpack
     */
    public Tails(TailReaders readers, LogShards logs, WorkerExecutor workers, Later later) {
        this(readers, new TailHome(logs, work -> onWorker(workers, work), later), later);
    }

    Tails(TailReaders readers, TailHome home, Later later) {
        this.readers = readers;
        this.later = later;
        readers.open(home);
    }

    private static Future<?> onWorker(WorkerExecutor workers, Runnable work) {
        return workers.executeBlocking(
                () -> {
                    work.run();
                    return work;
                },
                false);
    }

    /** Serves the member from this position on; false if the end is elsewhere by now, and the member must read for itself. */
    public boolean join(TailMember member, PartitionKey partition, View view, Position at) {
        Tail tail = tails.get(partition);
        if (tail == null) {
            tail = attach(partition, at);
        }
        return tail != null && tail.join(member, view, at);
    }

    private @Nullable Tail attach(PartitionKey partition, Position at) {
        while (true) {
            Tail tail = new Tail(readers.of(partition), partition.partition(), later, () -> tails.remove(partition));
            switch (tail.attach(at)) {
                case TailReader.Attached.At here -> {
                    tails.put(partition, tail);
                    return tail;
                }
                case TailReader.Attached.Past past -> {
                    return null;
                }
                case TailReader.Attached.Closed gone -> {} // and forgotten in a moment, if not already
            }
        }
    }

    public void leave(TailMember member, PartitionKey partition, View view) {
        Tail tail = tails.get(partition);
        if (tail != null) {
            tail.leave(member, view);
        }
    }
}
