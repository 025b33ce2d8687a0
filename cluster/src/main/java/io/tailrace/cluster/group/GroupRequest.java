// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import org.apache.kafka.common.GroupType;

/**
 * What somebody wants of one group. Each kind of group brings a sealed family of its own; {@link OffsetRequest} and {@link AdminRequest} are
 * for groups of every kind. Immutable; byte arrays in requests are handed over and not changed afterwards.
 */
public interface GroupRequest {

    /** The group asked about; empty for a request that is about the whole partition. */
    String groupId();

    /** Whether this request, meeting an empty group of this other type under its id, founds the group anew; its offsets stay. */
    default boolean refounds(GroupType other) {
        return false;
    }
}
