// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

/** There is no memory at the moment for what a frame would become; nothing is wrong with the frame, which may be read again later. */
public final class NoRoomException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Thrown often when a node is short of memory, and never looked at: it has no stack trace. */
    public NoRoomException() {
        super("no memory for this request now", null, false, false);
    }
}
