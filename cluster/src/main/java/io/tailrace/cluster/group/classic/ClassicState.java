// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

/**
 * Where a classic group stands. A rebalance is one round through Preparing and Completing; each round makes a new generation.
 *
 * <pre>
 *   EMPTY                 no members; may hold offsets. A first join begins a round, which waits for more members.
 *     -> PREPARING        a member joins
 *   PREPARING_REBALANCE   joins are parked until every member has joined anew, or the rebalance timeout drops those that have not.
 *     -> COMPLETING       all have joined: they are told the generation, the leader is told all members
 *     -> EMPTY            all have left
 *   COMPLETING_REBALANCE  syncs are parked until the leader's brings the assignment and that is durable.
 *     -> STABLE           it is
 *     -> PREPARING        a member joins, changes, leaves or dies, the assignment was refused by the log
 *   STABLE                members work; each sync gets its assignment.
 *     -> PREPARING        a member joins, changes, leaves, dies, or never synced (KAFKA-9752)
 * </pre>
 *
 * <p>Kafka has a fifth state, Dead, between the decision to drop a group and its removal; here a dropped group leaves the table in the same
 * step, and {@code Dead} is only what old DescribeGroups versions are told of a group that does not exist. What each request gets in each
 * state is in docs/group-states.md, made by a test from this code.
 */
public enum ClassicState {
    EMPTY("Empty"),
    PREPARING_REBALANCE("PreparingRebalance"),
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable");

    private final String kafkaName;

    ClassicState(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    /** As ListGroups and DescribeGroups show it. */
    public String kafkaName() {
        return kafkaName;
    }
}
