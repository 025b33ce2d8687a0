// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.util.EnumSet;

/** Why a connection is not read at the moment; it is read when there is no reason left. Pure; one event loop. */
final class ReadGate {

    /** What can hold reading back. */
    enum Reason {
        /** Too many requests in hand, or responses not yet taken by the client. */
        BUSY,
        /** The node holds as many request bytes as it may. */
        BUDGET,
        /** A request is here that there is no heap for. */
        HEAP,
        /** The client has used up its quota (KIP-219). */
        THROTTLED
    }

    private final EnumSet<Reason> reasons = EnumSet.noneOf(Reason.class);

    /** Adds or removes a reason; true if it was not so before. */
    boolean set(Reason reason, boolean holds) {
        return holds ? reasons.add(reason) : reasons.remove(reason);
    }

    boolean holds(Reason reason) {
        return reasons.contains(reason);
    }

    boolean isOpen() {
        return reasons.isEmpty();
    }
}
