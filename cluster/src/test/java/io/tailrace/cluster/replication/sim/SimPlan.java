// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import java.util.Random;

/**
 * What a seed stands for: which faults there are, and how large everything is.
 *
 * @param moves replicas come and go by reassignment
 * @param cancels reassignments are cancelled after a while
 * @param rots something in a log is found to be rotten; the log is deleted and copied anew
 * @param lossy the topic does not wait for syncs, so a crash takes acknowledged records of one replica: at most one replica is incomplete at a
 *     time then, which is what min.insync.replicas=2 is to survive (KIP-966)
 */
record SimPlan(
        int nodes,
        int minInSync,
        boolean lossy,
        boolean crashes,
        boolean partitions,
        boolean pauses,
        boolean trims,
        boolean rebalances,
        boolean moves,
        boolean cancels,
        boolean rots,
        double loss,
        double duplication,
        int meanFaultGapMs,
        int meanProduceGapMs,
        Random workload) {

    static SimPlan of(long seed) {
        Random random = SimClock.stream(seed, 1);
        boolean lossy = random.nextInt(4) == 0;
        return new SimPlan(
                3,
                lossy ? 2 : 1 + random.nextInt(2),
                lossy,
                random.nextInt(8) != 0,
                random.nextInt(3) != 0,
                random.nextInt(3) == 0,
                random.nextInt(4) == 0,
                random.nextInt(2) == 0,
                SimClock.stream(seed, 8).nextInt(3) == 0,
                SimClock.stream(seed, 10).nextBoolean(),
                !lossy && SimClock.stream(seed, 9).nextInt(3) == 0,
                random.nextInt(3) == 0 ? 0.08 : 0,
                random.nextInt(3) == 0 ? 0.1 : 0,
                60 + random.nextInt(500),
                random.nextInt(5) == 0 ? 150 + random.nextInt(250) : 4 + random.nextInt(40),
                SimClock.stream(seed, 2));
    }

    /** Of the seed, but such that crashes take acknowledged records, soon after another, with few records between. */
    static SimPlan forgetful(long seed) {
        Random random = SimClock.stream(seed, 7);
        SimPlan of = of(seed);
        return new SimPlan(
                of.nodes,
                2,
                true,
                true,
                random.nextBoolean(),
                random.nextInt(4) == 0,
                false,
                of.rebalances,
                false,
                false,
                false,
                0,
                random.nextInt(3) == 0 ? 0.2 : 0,
                100 + random.nextInt(300),
                50 + random.nextInt(200),
                of.workload);
    }

    /**
     * How many replicas a move may leave. Of one replica alone no crash may take what was acknowledged, not even one that was before the move and that
     * the controller has not heard of: the move would have the complete replicas deleted.
     */
    int fewestReplicas() {
        return lossy ? minInSync : 1;
    }

    /** Now and then the leader forgets its oldest records. */
    void trim(SimNode leader) {
        if (trims && workload.nextInt(6) == 0) {
            long start = leader.log().logStartOffset();
            leader.trimTo(start + workload.nextInt((int) (leader.highWatermark() - start) + 1));
        }
    }
}
