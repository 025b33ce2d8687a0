// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupRequest;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Requests of the consumer group protocol, and of administrators about its groups, with their answers. */
public sealed interface ConsumerRequest extends GroupRequest {

    /** Member epoch of a member that joins, or joins again after it was fenced. */
    int JOIN_EPOCH = 0;

    /** Member epoch of a member that leaves for good. */
    int LEAVE_EPOCH = -1;

    /** Member epoch of a static member that leaves and will be back under another member id. */
    int STATIC_LEAVE_EPOCH = -2;

    /**
     * What a member says of itself, and that it lives. Answered with {@link Beaten}. Null means unchanged since the last heartbeat.
     *
     * @param memberId made by the member; empty from old clients that want to be given one
     * @param freshId random, for a member without an id
     * @param memberEpoch that the member is in, or one of the three constants above
     * @param rebalanceTimeoutMs or -1
     * @param owned what the member owns now
     * @param visible which topics its principal may see: a pattern matches no others
     */
    record Heartbeat(
            String groupId,
            String memberId,
            String freshId,
            int memberEpoch,
            @Nullable String instanceId,
            @Nullable String rackId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            @Nullable List<String> topicNames,
            @Nullable String topicRegex,
            @Nullable String serverAssignor,
            @Nullable Set<PartitionId> owned,
            Predicate<String> visible)
            implements ConsumerRequest {

        boolean joins() {
            return memberEpoch == JOIN_EPOCH;
        }

        /** Whether the member has said everything, so that it gets its assignment though that did not change. */
        boolean full() {
            return joins() || (rebalanceTimeoutMs != -1 && (topicNames != null || topicRegex != null) && owned != null);
        }
    }

    /**
     * @param message for people; null without an error
     * @param memberEpoch to be used in the next heartbeat
     * @param assignment what the member may own from now on; null if that did not change
     */
    record Beaten(
            Errors error,
            @Nullable String message,
            String memberId,
            int memberEpoch,
            int heartbeatIntervalMs,
            @Nullable Set<PartitionId> assignment)
            implements GroupAnswer {

        static Beaten refused(Refusal refusal) {
            return new Beaten(refusal.error(), refusal.message(), "", 0, 0, null);
        }
    }

    /** Answered with {@link Described}. */
    record Describe(String groupId) implements ConsumerRequest {}

    /** @param error GROUP_ID_NOT_FOUND if there is no such consumer group */
    record Described(
            Errors error,
            @Nullable String message,
            String state,
            int groupEpoch,
            int assignmentEpoch,
            String assignor,
            List<DescribedMember> members)
            implements GroupAnswer {}

    /** @param target what it will hold once the group has settled */
    record DescribedMember(
            String memberId,
            Subscription subscription,
            int memberEpoch,
            Set<PartitionId> assigned,
            Set<PartitionId> target) {}
}
