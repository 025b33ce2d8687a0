// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.cli;

import io.tailrace.client.bench.Target;
import io.tailrace.client.bench.gateway.GatewayBench;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace bench gateway}: many WebSockets on one gateway. */
@Command(
        name = "gateway",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the gateway of a running broker with many WebSockets.",
            "",
            "idle: memory and CPU of connections that do nothing. keyed: 512-byte records, each for the one client"
                    + " that asked",
            "for its key. starved: the same, and a tenth of the clients grants no credit. broadcast: 1 KiB, four a"
                    + " second, to all.",
            "reconnect: all connections break at once and resume. silent: nobody grants credit beside a topic at full"
                    + " rate, for as",
            "long as --seconds says (600 for ten minutes), by turns with a topic that nobody subscribes to.",
            "A record that is missing, comes twice or out of order fails the run.",
            "",
            "Each client takes an open file in this process and one in the broker: see ulimit -n. Give the pid for CPU"
                    + " and memory."
        })
public final class GatewayBenchCommand implements Callable<Integer> {

    @Option(
            names = "--http",
            defaultValue = "localhost:8080",
            paramLabel = "HOST:PORT",
            description = "the gateway (${DEFAULT-VALUE})")
    private String http = "localhost:8080";

    @Option(
            names = "--self",
            defaultValue = "localhost:9092",
            paramLabel = "HOST:PORT",
            description = "the Kafka listener of the same broker (${DEFAULT-VALUE})")
    private String self = "localhost:9092";

    @Option(names = "--pid", paramLabel = "PID", description = "process of the broker")
    private @Nullable Long pid;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "scenarios to run, of ${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private List<String> only = List.copyOf(GatewayBench.names());

    @Option(
            names = "--clients",
            defaultValue = "10000",
            paramLabel = "N",
            description = "WebSockets (${DEFAULT-VALUE})")
    private int clients = 10_000;

    @Option(
            names = "--rate",
            defaultValue = "10000",
            paramLabel = "N",
            description = "records a second where each has one reader, or ten (${DEFAULT-VALUE})")
    private double rate = 10_000;

    @Option(
            names = "--full-rate",
            defaultValue = "20000",
            paramLabel = "N",
            description = "records a second where nobody reads (${DEFAULT-VALUE})")
    private double fullRate = 20_000;

    @Option(
            names = "--linger",
            defaultValue = "0",
            paramLabel = "MS",
            description = {
                "how long the producer waits for more to go with a record that has one reader (${DEFAULT-VALUE});",
                "0 for latency; 5, Kafka's own, to tell the gateway's CPU from that of taking the records in"
            })
    private int linger;

    @Option(
            names = "--seconds",
            defaultValue = "20",
            paramLabel = "N",
            description = "that each scenario is measured, after a quarter of it to warm up (${DEFAULT-VALUE})")
    private int seconds = 20;

    @Option(
            names = "--compress",
            description = {
                "have the WebSockets offer permessage-deflate, as browsers do; the broker takes it with",
                "http.compression.enable=true. Clients take more of the machine then: compare the CPU of the broker, and bytes"
            })
    private boolean compress;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    static final class Names extends ArrayList<String> {
        Names() {
            super(GatewayBench.names());
        }
    }

    @Override
    public Integer call() throws Exception {
        Target broker = new Target("Tailrace", self, pid == null ? List.of() : List.of(pid), Optional.empty());
        GatewayBench.run(
                new GatewayBench.Plan(http, broker, only, clients, rate, fullRate, linger, seconds, compress, json),
                System.out,
                System.err);
        return 0;
    }
}
