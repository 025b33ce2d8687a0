// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Decides who shall read what. Each partition of a topic that somebody subscribes to goes to exactly one of its subscribers; equal input
 * gives equal output.
 */
interface Assignor {

    /** As members ask for it. */
    String name();

    /**
     * Makes an assignment.
     *
     * @param members sorted by member id, each once
     * @param partitionCounts of all topics that a member may name
     * @return by member id, one entry for each member
     */
    Map<String, NavigableSet<PartitionId>> assign(List<Candidate> members, NavigableMap<Uuid, Integer> partitionCounts);

    /**
     * A member as assignors see it.
     *
     * @param topics that exist and that it subscribes to
     * @param current what it was to hold before
     * @param nextReportMs when its next heartbeat is expected, or {@link Long#MAX_VALUE}: whom a change reaches first
     */
    record Candidate(
            String memberId,
            @Nullable String instanceId,
            NavigableSet<Uuid> topics,
            NavigableSet<PartitionId> current,
            long nextReportMs) {}
}
