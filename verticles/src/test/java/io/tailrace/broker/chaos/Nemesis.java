// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.ClusterProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Breaks things and mends them, one fault at a time, drawn from a seed. After most faults it waits until the cluster is whole again, so that
 * the next one meets a cluster that has something to lose; after some it does not.
 */
final class Nemesis {

    /** Generous: a small machine starts three nodes at once. */
    private static final long PATIENCE_MS = 120_000;

    private final ClusterProcesses cluster;
    private final Site site;
    private final ClusterView view;
    private final History history;
    private final List<Fault> faults;
    private final String[] settings;
    private final Random random;
    private final List<Long> recoveriesMs = new ArrayList<>();
    private final List<Rot> rotten = new ArrayList<>();
    private final FaultTally tally = new FaultTally();

    /** @param settings that nodes are started with */
    Nemesis(
            ClusterProcesses cluster,
            Site site,
            ClusterView view,
            History history,
            List<Fault> faults,
            String[] settings,
            long seed) {
        this.cluster = cluster;
        this.site = site;
        this.view = view;
        this.history = history;
        this.faults = faults;
        this.settings = settings;
        this.random = new Random(seed);
    }

    /** @throws IllegalStateException if the cluster does not come back after a fault */
    void run(long untilMs) throws Exception {
        for (int round = 0; round < faults.size() || history.nowMs() < untilMs; round++) {
            // Each class in its turn at first, so that a short run meets all of them, also on a machine that is busy.
            Fault fault = round < faults.size() ? faults.get(round) : faults.get(random.nextInt(faults.size()));
            inflict(fault);
            mend();
            if (random.nextInt(4) != 0) {
                recover(fault.toString());
            }
            rest(2_000, 5_000);
        }
    }

    /** Everything works again, and what has died is started. */
    void mend() throws IOException {
        site.healWires();
        for (int node = 1; node <= cluster.size(); node++) {
            site.thaw(node);
            site.empty(node);
            cluster.resume(node);
            if (!cluster.isRunning(node)) {
                start(node);
            }
        }
    }

    /** Waits until every replica is in sync; mended first. */
    void recover(String after) throws IOException {
        long beganMs = history.nowMs();
        long patienceMs = beganMs + PATIENCE_MS;
        rest(1_000, 1_001); // a node that was killed and started at once may not have been missed yet
        while (!view.isWhole()) {
            mend(); // a node may have ended by itself, for a good reason such as a broken disk
            if (history.nowMs() > patienceMs) {
                throw new IllegalStateException(
                        "not whole " + PATIENCE_MS + " ms after " + after + ": " + view.describe());
            }
            rest(200, 201);
        }
        recoveriesMs.add(history.nowMs() - beganMs);
        history.note("whole again after " + after + ", in " + (history.nowMs() - beganMs) + " ms");
    }

    /** Waits until what was corrupted has been found and copied anew, or has gone by itself, and all is in sync again. */
    void untilSound() throws IOException {
        awaitSound(rotten);
        if (!rotten.isEmpty()) {
            recover("rot");
        }
    }

    private void awaitSound(List<Rot> waitedFor) throws IOException {
        long beganMs = history.nowMs();
        for (Rot rot : waitedFor) {
            while (!rot.isGone()) {
                mend();
                if (history.nowMs() > beganMs + PATIENCE_MS) {
                    throw new IllegalStateException(
                            rot + " is rotten for " + PATIENCE_MS + " ms, and nobody has noticed");
                }
                rest(200, 201);
            }
        }
    }

    /** What was done so far, by class. */
    FaultTally tally() {
        return tally;
    }

    /** How long it took to be whole after faults were mended. */
    String recoveries() {
        return recoveriesMs.isEmpty() ? "none waited for" : Figures.of(recoveriesMs);
    }

    private void start(int node) throws IOException {
        cluster.kill(node); // forgets one that has ended by itself
        history.note("start node " + node);
        cluster.start(node, settings);
    }

    private void inflict(Fault fault) throws Exception {
        int node = target();
        if (fault != Fault.CORRUPT && fault != Fault.ROLLING) {
            tally.count(fault); // those two count what they do
        }
        switch (fault) {
            case KILL -> kill(node);
            case PAUSE -> pause(node);
            case ROLLING -> rolling();
            case KILL_ALL -> killAll();
            case CORRUPT -> corrupt(node);
            case PARTITION -> partition(node);
            case ONE_WAY -> oneWay(node);
            case SLOW_DISK -> slowDisk(node);
            case FULL_DISK -> fullDisk(node);
            case POWER_CUT -> powerCut(List.of(node));
            case POWER_CUT_ALL -> powerCut(nodes());
        }
    }

    /** Who matters most, or anybody. */
    private int target() {
        int any = 1 + random.nextInt(cluster.size());
        return switch (random.nextInt(4)) {
            case 0, 1 -> view.aLeader(random).orElse(any);
            case 2 -> view.controller().orElse(any);
            default -> any;
        };
    }

    private List<Integer> nodes() {
        List<Integer> nodes = new ArrayList<>();
        for (int node = 1; node <= cluster.size(); node++) {
            nodes.add(node);
        }
        Collections.shuffle(nodes, random);
        return nodes;
    }

    private void kill(int node) throws Exception {
        history.note("kill node " + node);
        cluster.kill(node);
        rest(0, 8_000);
        start(node);
    }

    private void pause(int node) throws Exception {
        history.note("pause node " + node);
        cluster.pause(node);
        // Sometimes another dies meanwhile: what is left is less than the topic's least.
        if (random.nextInt(4) == 0) {
            rest(1_000, 7_000);
            int other = nodes().stream().filter(it -> it != node).findFirst().orElseThrow();
            history.note("kill node " + other + " too");
            cluster.kill(other);
        }
        rest(500, 15_000);
        history.note("resume node " + node);
        cluster.resume(node);
    }

    private void rolling() throws Exception {
        for (int node : nodes()) {
            history.note("stop node " + node);
            tally.count(Fault.ROLLING);
            cluster.stop(node);
            rest(0, 2_000);
            start(node);
            recover("rolling restart of node " + node);
        }
    }

    private void killAll() throws Exception {
        history.note("kill all nodes");
        nodes().forEach(cluster::kill);
        rest(0, 2_000);
        for (int node : nodes()) {
            start(node);
            rest(0, 1_000);
        }
    }

    private void powerCut(List<Integer> victims) throws Exception {
        history.note("cut the power of nodes " + victims);
        victims.forEach(cluster::kill);
        victims.forEach(site::cutPower);
        rest(0, 2_000);
        for (int node : victims) {
            start(node);
            rest(0, 1_000);
        }
    }

    private void partition(int node) {
        List<Integer> others = nodes().stream().filter(it -> it != node).toList();
        switch (random.nextInt(3)) {
            case 0 -> {
                history.note("cut node " + node + " off from nodes " + others);
                others.forEach(other -> cutBoth(node, other));
            }
            case 1 -> {
                history.note("cut node " + node + " off from nodes " + others + " and from clients");
                others.forEach(other -> cutBoth(node, other));
                cutBoth(node, Site.CLIENTS);
            }
            default -> {
                history.note("cut the link of nodes " + node + " and " + others.getFirst());
                cutBoth(node, others.getFirst());
            }
        }
        rest(2_000, 20_000);
        history.note("heal the network");
    }

    private void cutBoth(int one, int other) {
        site.cut(one, other);
        site.cut(other, one);
    }

    private void oneWay(int node) {
        boolean out = random.nextBoolean();
        boolean clients = random.nextInt(3) == 0;
        history.note("packets " + (out ? "from" : "to") + " node " + node + " are lost"
                + (clients ? ", of clients too" : ""));
        for (int other = clients ? Site.CLIENTS : 1; other <= cluster.size(); other++) {
            if (other != node) {
                site.cut(out ? node : other, out ? other : node);
            }
        }
        rest(2_000, 20_000);
        history.note("heal the network");
    }

    private void slowDisk(int node) {
        boolean stall = random.nextBoolean();
        history.note((stall ? "the disk stands still: node " : "the disk is slow: node ") + node);
        if (stall) {
            site.freeze(node);
            rest(2_000, 12_000);
            site.thaw(node);
        } else {
            long untilMs = history.nowMs() + 5_000 + random.nextInt(10_000);
            while (history.nowMs() < untilMs) {
                site.freeze(node);
                rest(100, 600);
                site.thaw(node);
                rest(10, 80);
            }
        }
        history.note("the disk works again");
    }

    private void fullDisk(int node) throws Exception {
        history.note("the disk is full: node " + node);
        site.fill(node);
        rest(3_000, 15_000);
        if (random.nextInt(3) == 0) {
            history.note("kill node " + node + " with its full disk");
            cluster.kill(node);
            start(node);
            rest(2_000, 8_000);
        }
        site.empty(node);
        history.note("the disk has room again");
    }

    /**
     * What is spoiled on one node must be had from another: rot elsewhere is waited for until it is gone. Rot on the same node may come to rot, and
     * at times there is more than one segment of it.
     */
    private void corrupt(int node) throws Exception {
        Path data = site.places().get(node - 1).data();
        List<Rot> elsewhere = rotten.stream().filter(it -> !it.isUnder(data)).toList();
        if (!elsewhere.isEmpty()) {
            awaitSound(elsewhere);
            recover("rot");
            rotten.removeAll(elsewhere);
        }
        awaitClosedSegments(data);
        cluster.kill(node);
        List<Path> closed = new ArrayList<>(Rot.closedSegments(data, ChaosRun.TOPIC));
        closed.removeIf(segment -> rotten.stream().anyMatch(it -> it.isIn(segment)));
        Collections.shuffle(closed, random);
        for (Path segment : closed.subList(0, Math.min(closed.size(), 1 + random.nextInt(2)))) {
            Rot rot = Rot.spoil(segment, random);
            rotten.add(rot);
            tally.count(Fault.CORRUPT);
            history.note("corrupt " + rot + " of node " + node + ", which was killed");
        }
        rest(0, 2_000);
        start(node);
    }

    private void awaitClosedSegments(Path data) throws IOException {
        long patienceMs = history.nowMs() + PATIENCE_MS;
        while (Rot.closedSegments(data, ChaosRun.TOPIC).isEmpty()) {
            if (history.nowMs() > patienceMs) {
                throw new IllegalStateException("no closed segment in " + data + " to be spoiled");
            }
            rest(200, 201);
        }
    }

    private void rest(int fromMs, int toMs) {
        try {
            TimeUnit.MILLISECONDS.sleep(fromMs + random.nextInt(toMs - fromMs));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
