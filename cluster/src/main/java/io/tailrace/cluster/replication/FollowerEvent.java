// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import org.apache.kafka.common.protocol.Errors;

/** What a {@link FollowerReplica} takes in. */
public sealed interface FollowerEvent {

    /** Another node leads from now on; older epochs, and one that is followed already, are ignored. */
    record Followed(int leaderId, int leaderEpoch) implements FollowerEvent {}

    /** Nobody is to be followed: this node leads, there is no leader, or the replica is gone. */
    record Unfollowed() implements FollowerEvent {}

    /** The position was sent to the leader. */
    record Asked(FetchPosition position) implements FollowerEvent {}

    /** The leader answered the position; an answer to any other than the one last asked is ignored. */
    record Answered(FetchPosition position, FetchAnswer answer) implements FollowerEvent {}

    /** No answer will come. */
    record Unanswered(FetchPosition position) implements FollowerEvent {}

    /** The log took the batches, or a part of them. */
    record Appended() implements FollowerEvent {}

    /** The log refused the batches. */
    record AppendRefused(Errors error) implements FollowerEvent {}

    /** The log is durable further on. */
    record Synced() implements FollowerEvent {}
}
