// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.cli;

import io.tailrace.client.bench.Bench;
import io.tailrace.client.bench.Suite;
import io.tailrace.client.bench.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;

/** {@code tailrace bench}: the same load on two brokers in turn, medians and ratios. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = GatewayBenchCommand.class,
        description = {
            "Measures a Kafka-protocol broker, or compares two of them.",
            "",
            "Both run on this machine, one after the other in the order A B B A, so that a noisy neighbour weighs on both.",
            "Where a pid is known, CPU seconds, memory and open files of that process are measured too."
        })
public final class BenchCommand implements Callable<Integer> {

    @Option(
            names = "--self",
            defaultValue = "localhost:9092",
            paramLabel = "HOST:PORT",
            description =
                    "this broker (${DEFAULT-VALUE}); a cluster's addresses, with commas, for the workloads 'replicated'")
    private String self = "localhost:9092";

    @Option(
            names = "--against",
            paramLabel = "HOST:PORT",
            description = "the broker to compare with; without it only --self is measured")
    private @Nullable String against;

    @Option(
            names = "--pid",
            split = ",",
            paramLabel = "PID",
            description = "process of --self; of a cluster all of them, in the order of the addresses")
    private List<Long> pids = List.of();

    @Option(names = "--against-pid", split = ",", paramLabel = "PID", description = "the same for --against")
    private List<Long> againstPids = List.of();

    @Option(
            names = "--start",
            paramLabel = "COMMAND",
            description =
                    "shell command that starts --self in the background and prints its pid last, on empty storage unless the"
                            + " environment variable KEEP is 1; for the workloads 'start', 'killed' and 'restart'")
    private @Nullable String startCommand;

    @Option(names = "--against-start", paramLabel = "COMMAND", description = "the same for --against")
    private @Nullable String againstStartCommand;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "workloads to run, of ${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private List<String> only = List.copyOf(Suite.names());

    @Option(
            names = "--rounds",
            defaultValue = "3",
            paramLabel = "N",
            description = "runs of each workload on each broker (${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--scale",
            defaultValue = "1",
            paramLabel = "X",
            description = "multiplies record counts and seconds (${DEFAULT-VALUE})")
    private double scale = 1;

    @Option(names = "--json", description = "print JSON, with every sample")
    private boolean json;

    static final class Names extends ArrayList<String> {
        Names() {
            super(Suite.names());
        }
    }

    @Override
    public Integer call() throws Exception {
        List<Target> targets = new ArrayList<>();
        targets.add(new Target("Tailrace", self, pids, Optional.ofNullable(startCommand)));
        if (against != null) {
            targets.add(new Target(against, against, againstPids, Optional.ofNullable(againstStartCommand)));
        }
        boolean terminal = Help.Ansi.AUTO.enabled();
        Bench.run(targets, new Bench.Plan(only, rounds, scale, json), System.out, System.err, terminal);
        return 0;
    }
}
