// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.View;
import java.util.HashMap;
import java.util.Map;

/** The shared reads of one event loop: one for each partition that somebody waits at the end of. */
public final class Tails {

    private final LogReads reads;
    private final Later later;
    private final Map<PartitionKey, Tail> tails = new HashMap<>();

    public Tails(LogReads reads, Later later) {
        this.reads = reads;
        this.later = later;
    }

    /** Serves the member from this position on; false if the end is elsewhere by now, and the member must read for itself. */
    public boolean join(TailMember member, PartitionKey partition, View view, Position at) {
        Tail tail = tails.get(partition);
        if (tail != null) {
            return tail.join(member, view, at);
        }
        Tail fresh = new Tail(reads, partition, at, later, () -> tails.remove(partition));
        tails.put(partition, fresh);
        fresh.join(member, view, at);
        fresh.read();
        return true;
    }

    public void leave(TailMember member, PartitionKey partition, View view) {
        Tail tail = tails.get(partition);
        if (tail != null) {
            tail.leave(member, view);
        }
    }
}
