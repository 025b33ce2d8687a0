// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.View;
import java.util.HashMap;
import java.util.Map;

/** The shared reads of one event loop: one for each partition and form that somebody waits at the end of. */
public final class Tails {

    private record Key(PartitionKey partition, View view) {}

    private final LogReads reads;
    private final Map<Key, Tail> tails = new HashMap<>();

    public Tails(LogReads reads) {
        this.reads = reads;
    }

    /** Serves the member from this position on; false if the end is elsewhere by now, and the member must read for itself. */
    public boolean join(TailMember member, PartitionKey partition, View view, Position at) {
        Key key = new Key(partition, view);
        Tail tail = tails.get(key);
        if (tail != null) {
            return tail.join(member, at);
        }
        Tail fresh = new Tail(reads, partition, view, at, () -> tails.remove(key));
        tails.put(key, fresh);
        fresh.join(member, at);
        fresh.read();
        return true;
    }

    public void leave(TailMember member, PartitionKey partition, View view) {
        Tail tail = tails.get(new Key(partition, view));
        if (tail != null) {
            tail.leave(member);
        }
    }

    /** How many shared reads are under way. */
    public int size() {
        return tails.size();
    }
}
