// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

/** Tells a shard that what it has of a partition is rotten somewhere: it is not to be relied on, and to be copied anew. Answered at once. */
public record FoundCorrupt(PartitionKey partition) implements LogRequest<FoundCorrupt.Reply> {

    public record Reply() {
        public static final Reply DONE = new Reply();
    }
}
