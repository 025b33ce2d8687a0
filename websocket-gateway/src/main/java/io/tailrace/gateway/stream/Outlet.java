// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.stream;

import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.GapReason;
import io.tailrace.gateway.session.PartitionState;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/** Where a subscription's output goes: a socket, in the words of its protocol. Nothing here may call back into the subscription. */
public interface Outlet {

    /** The starts are known. */
    void opened(Map<Integer, Position> positions);

    /** Another partition is read as well, from here on. */
    void added(int partition, Position position);

    /** Records. The chunk's body is shared with others, and only to be read. */
    void deliver(int partition, Chunk<Buffer> chunk);

    void gap(int partition, long fromOffset, long toOffset, GapReason reason);

    void state(int partition, PartitionState state);

    /** The topic is gone, and the subscription with it. */
    void gone();

    /** Whether the socket takes no more for now; whoever says so must bring {@link SubscriptionHost#socketDrained} later. */
    boolean isFull();
}
