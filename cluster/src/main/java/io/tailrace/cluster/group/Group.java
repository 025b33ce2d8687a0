// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.Turn;
import java.util.List;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.protocol.Errors;

/** One group of any kind, as offsets and administration see it. */
public interface Group {

    String groupId();

    GroupType type();

    /** The kind that runs it. */
    GroupKind kind();

    /** The protocol type ({@code consumer}, {@code connect}, …); empty for a group that only holds offsets. */
    String protocolType();

    /** The state by Kafka's name, as ListGroups shows it. */
    String stateName();

    /** Whether it has no members. */
    boolean isEmpty();

    /** Whether somebody may commit offsets here now. Also counts as a sign of life where Kafka takes it for one. */
    Errors acceptCommit(OffsetRequest.Commit commit, Turn<GroupAnswer, GroupFollowUp> turn);

    /** Whether somebody may read offsets; member id and epoch come with KIP-848 consumers only, else null and -1. */
    Errors acceptFetch(OffsetRequest.Fetch fetch);

    /** Whether offsets may be deleted one by one (a subscribed topic's may not even then). */
    Errors acceptOffsetDelete();

    /** Whether the group may be deleted. */
    Errors acceptDelete();

    /** Whether a member reads this topic; if the group does not know, as with foreign protocol types, whether one might. */
    boolean mayReadTopic(String topic);

    /** When an offset of this group begins to age. */
    OffsetAge offsetAge(String topic, CommittedOffset offset);

    /** The records that take the group away, without its offsets; at least one, also if the group itself was never written. */
    List<CoordinatorRecord> tombstones();

    /**
     * When an offset begins to age (KIP-211).
     *
     * @param sinceMs the moment; {@link Long#MAX_VALUE} for an offset that is in use and does not age
     */
    record OffsetAge(long sinceMs) {
        public static final OffsetAge IN_USE = new OffsetAge(Long.MAX_VALUE);
    }
}
