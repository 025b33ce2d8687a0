// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Requests of administrators about groups of any kind. */
public sealed interface AdminRequest extends GroupRequest {

    /**
     * Lists the groups of the partition. Answered with {@link Listed}.
     *
     * @param states in lower case; empty for all
     * @param types in lower case; empty for all
     */
    record ListGroups(Set<String> states, Set<String> types) implements AdminRequest {
        @Override
        public String groupId() {
            return "";
        }
    }

    /** In no order. */
    record Listed(List<Listing> groups) implements GroupAnswer {}

    record Listing(String groupId, String protocolType, String state, String type) {}

    /** Lists every committed offset of the partition. Answered with {@link Positions}. */
    record ListPositions() implements AdminRequest {
        @Override
        public String groupId() {
            return "";
        }
    }

    record Positions(List<Position> positions) implements GroupAnswer {}

    /** Where a group is in a partition. */
    record Position(String groupId, TopicPartition partition, long offset) {}

    /** Deletes a group and its offsets. Answered with {@link Done}. */
    record Delete(String groupId) implements AdminRequest {}

    /** @param message for people; null without one */
    record Done(Errors error, @Nullable String message) implements GroupAnswer {}
}
