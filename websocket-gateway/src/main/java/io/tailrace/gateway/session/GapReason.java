// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** Why a subscriber does not get what it was entitled to. */
public enum GapReason {
    /** The records were deleted: retention, or an operator. */
    RETENTION("retention"),
    /** A leader without the latest records took over; some that were seen are not in the log any more. */
    TRUNCATION("truncation"),
    /** The topic was deleted and created anew. */
    REPLACED("replaced");

    private final String text;

    GapReason(String text) {
        this.text = text;
    }

    /** As it stands in the protocol. */
    public String text() {
        return text;
    }
}
