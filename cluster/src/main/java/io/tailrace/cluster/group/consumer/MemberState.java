// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

/** How far a member is on its way to the target assignment. */
enum MemberState {
    /** It holds the target of its epoch. */
    STABLE(0),
    /** It has been asked to give partitions back and has not confirmed yet; it stays in its epoch until then. */
    UNREVOKED_PARTITIONS(1),
    /** It is in the target's epoch, but others have not let go of all that it shall get. */
    UNRELEASED_PARTITIONS(2),
    /** Written by a later release. */
    UNKNOWN(127);

    private final byte code;

    MemberState(int code) {
        this.code = (byte) code;
    }

    /** As in the log. */
    byte code() {
        return code;
    }

    static MemberState of(byte code) {
        for (MemberState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
