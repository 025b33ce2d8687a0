// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Runs a chosen part of the {@link Suite} on one or two brokers and prints what it found. Blocks until done. */
public final class Bench {

    private Bench() {}

    /**
     * What to run.
     *
     * @param workloads names of {@link Suite#names}
     * @param rounds runs of each workload on each target
     * @param scale multiplies record counts and seconds
     */
    public record Plan(List<String> workloads, int rounds, double scale, boolean json) {}

    public static void run(List<Target> targets, Plan plan, PrintStream out, PrintStream err, boolean terminal)
            throws Exception {
        List<Workload> workloads = Suite.of(runnable(targets, plan.workloads(), err), plan.scale());
        boolean warm = workloads.stream().anyMatch(workload -> !workload.startsBroker());
        int steps = targets.size() * (plan.rounds() * workloads.size() + (warm ? 1 : 0));
        Progress progress = new Progress(err, terminal, steps);
        if (warm) {
            Comparison.run(targets, List.of(Suite.warmUp()), 1, progress);
        }
        Comparison comparison = Comparison.run(targets, workloads, plan.rounds(), progress);
        if (plan.json()) {
            out.println(Report.json(comparison).encodePrettily());
        } else {
            Report.table(comparison, out);
        }
    }

    /** Start-up is measured only where every target can be started by us, replication only where there is somebody to replicate to. */
    private static List<String> runnable(List<Target> targets, List<String> names, PrintStream err) {
        List<String> runnable = new ArrayList<>(names);
        int nodes = targets.stream().mapToInt(Target::nodes).min().orElse(0);
        for (String name : names) {
            if (Suite.of(List.of(name), 1).getFirst().nodes() > nodes) {
                runnable.remove(name);
                err.println(name + ": left out, as not every target is a cluster");
            }
        }
        if (targets.stream().anyMatch(target -> target.startCommand().isEmpty())) {
            for (String name : names) {
                if (Suite.of(List.of(name), 1).getFirst().startsBroker()) {
                    runnable.remove(name);
                    err.println(name + ": left out, as not every broker has a start command");
                }
            }
        }
        return runnable;
    }
}
