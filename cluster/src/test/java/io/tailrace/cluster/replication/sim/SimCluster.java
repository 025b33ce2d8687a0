// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import io.tailrace.cluster.metadata.BrokerImage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A cluster in one thread, from one seed: the real machines of leader, follower and controller, and everything else simulated.
 *
 * <p>A run has three parts. For a while there are faults: crashes that lose what was not synced, clean restarts, links cut one way or both,
 * pauses, lost, late and doubled messages. Then all is mended, with producers going on. Then they stop, and the replicas have to become equal.
 * After every event the {@link Oracle} looks at what must hold.
 */
final class SimCluster {

    private static final long FAULTS_MS = 3_000;
    private static final long MENDING_MS = 3_000;
    private static final long QUIET_MS = 1_500;
    private static final int MENDED_GAP_MS = 40;
    private static final short ALL = -1;

    private final long seed;
    private final Mutant mutant;
    private final SimPlan plan;
    private final SimClock clock = new SimClock();
    private final Random faults;
    private final Random disk;
    private final Random cancels;
    private final SimNetwork network;
    private final SimController controller;
    private final Oracle oracle = new Oracle();
    private final TreeMap<Integer, SimNode> nodes = new TreeMap<>();
    private boolean faulty = true;
    private boolean producing = true;
    private boolean checkTrusted;
    private long nextValue = 1;

    SimCluster(long seed, Mutant mutant) {
        this.seed = seed;
        this.mutant = mutant;
        this.plan = mutant.needsForgetfulDisks() ? SimPlan.forgetful(seed) : SimPlan.of(seed);
        this.faults = SimClock.stream(seed, 3);
        this.disk = SimClock.stream(seed, 4);
        this.cancels = SimClock.stream(seed, 11);
        this.network = new SimNetwork(clock, SimClock.stream(seed, 5), plan.loss(), plan.duplication());
        for (int id = 1; id <= plan.nodes(); id++) {
            nodes.put(id, new SimNode(id, this));
        }
        this.controller = new SimController(clock, SimClock.stream(seed, 6), plan.rebalances(), this::published);
    }

    /** Runs it to its end. @throws Oracle.Violation if something did not hold */
    SimCluster run() {
        try {
            nodes.values().forEach(SimNode::start);
            while (controller
                    .partition()
                    .isEmpty()) { // a node that the controller does not know yet may be given no replica
                clock.runUntil(clock.nowMs() + 300, this::check);
                controller.createTopic(new ArrayList<>(nodes.keySet()), plan.minInSync());
                clock.runUntil(clock.nowMs() + 50, this::check);
            }
            produce();
            fault();
            clock.runUntil(clock.nowMs() + FAULTS_MS, this::check);
            mend();
            int before = oracle.acknowledged();
            clock.runUntil(clock.nowMs() + MENDING_MS, this::check);
            producing = false;
            clock.runUntil(clock.nowMs() + QUIET_MS, this::check);
            oracle.converged(partition(), nodes);
            if (oracle.acknowledged() == before) {
                throw new Oracle.Violation("a mended cluster acknowledges nothing");
            }
            return this;
        } catch (Oracle.Violation violation) {
            throw new Oracle.Violation(
                    "\nseed " + seed + ", " + plan + ", after " + clock.events() + " events: " + violation.getMessage()
                            + " " + controller.image().brokers().values(),
                    violation);
        }
    }

    private PartitionImage partition() {
        return controller.partition().orElseThrow(() -> new Oracle.Violation("there is no partition"));
    }

    private void check() {
        if (checkTrusted) {
            checkTrusted = false;
            controller.partition().ifPresent(partition -> oracle.trusted(partition, nodes));
        }
    }

    private void published(ClusterImage image) {
        clock.note(image.version());
        checkTrusted = true;
        for (SimNode node : nodes.values()) {
            network.sendOnce(SimController.ID, node.id(), () -> node.receive(() -> node.onImage(image)));
        }
    }

    private void produce() {
        if (!producing) {
            return;
        }
        for (SimNode node : nodes.values()) {
            if (node.isLeading()) {
                long value = nextValue++;
                short acks = plan.workload().nextInt(5) == 0 ? (short) 1 : ALL;
                node.receive(() -> node.produce(value, acks));
            }
        }
        checkTrusted = true;
        int gapMs = faulty ? plan.meanProduceGapMs() : Math.min(plan.meanProduceGapMs(), MENDED_GAP_MS);
        clock.after(1 + plan.workload().nextInt(2 * gapMs), this::produce);
    }

    private void fault() {
        if (!faulty) {
            return;
        }
        SimNode node = nodes.get(1 + faults.nextInt(nodes.size()));
        if (plan.moves() && faults.nextInt(4) == 0) {
            move();
        }
        if (plan.rots() && node.isUp() && faults.nextInt(4) == 0) {
            node.rot();
        }
        switch (faults.nextInt(6)) {
            case 0, 1 -> {
                if (!node.isUp()) {
                    node.start();
                } else if (plan.crashes() && mayCrash(node)) {
                    node.crash();
                    if (faults.nextBoolean()) {
                        clock.after(faults.nextInt(50), () -> restart(node)); // before the controller misses it
                    }
                }
            }
            case 2 -> {
                if (node.isUp() && plan.crashes()) {
                    node.shutDown();
                }
            }
            case 3 -> {
                if (plan.partitions()) {
                    int other = faults.nextInt(nodes.size() + 1);
                    network.cut(node.id(), other);
                    if (faults.nextBoolean()) {
                        network.cut(other, node.id());
                    }
                }
            }
            case 4 -> {
                if (plan.pauses()) {
                    node.pauseUntil(clock.nowMs() + faults.nextInt(1_200));
                }
            }
            default -> network.heal();
        }
        clock.after(1 + faults.nextInt(2 * plan.meanFaultGapMs()), this::fault);
    }

    /** Some nodes are to have the partition from now on, in some order. */
    private void move() {
        List<Integer> replicas = new ArrayList<>(nodes.keySet());
        Collections.shuffle(replicas, faults);
        int drawn = 1 + faults.nextInt(replicas.size());
        controller.reassign(replicas.subList(0, Math.max(drawn, plan.fewestReplicas())));
        if (plan.cancels()) {
            clock.after(1 + cancels.nextInt(2 * plan.meanFaultGapMs()), () -> {
                if (faulty) {
                    controller.cancelReassignment();
                }
            });
        }
    }

    private static void restart(SimNode node) {
        if (!node.isUp()) {
            node.start();
        }
    }

    /** Where a crash takes what was acknowledged, the next one waits until everything is on every replica again. */
    private boolean mayCrash(SimNode node) {
        if (!plan.lossy()) {
            return true;
        }
        List<Integer> inSync = controller.partition().map(PartitionImage::isr).orElse(List.of());
        return inSync.size() == nodes.size()
                && nodes.values().stream().allMatch(it -> it.isUp() && it.isWhatTheControllerKnows());
    }

    private void mend() {
        faulty = false;
        network.healForGood();
        controller.reassign(new ArrayList<>(nodes.keySet()));
        for (SimNode node : nodes.values()) {
            node.pauseUntil(0);
            restart(node);
        }
    }

    SimClock clock() {
        return clock;
    }

    SimNetwork network() {
        return network;
    }

    SimController controller() {
        return controller;
    }

    Oracle oracle() {
        return oracle;
    }

    SimPlan plan() {
        return plan;
    }

    Random disk() {
        return disk;
    }

    Mutant mutant() {
        return mutant;
    }

    SimNode node(int id) {
        return nodes.get(id);
    }

    /** Who is registered and not fenced, for the reader of a trace. */
    Map<Integer, BrokerImage> brokers() {
        return controller.image().brokers();
    }
}
