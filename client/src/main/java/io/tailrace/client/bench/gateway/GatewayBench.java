// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

import io.tailrace.client.bench.Measure;
import io.tailrace.client.bench.Report;
import io.tailrace.client.bench.Target;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the scenarios of the gateway one after the other and prints what they found. Blocks until done. */
public final class GatewayBench {

    private GatewayBench() {}

    /**
     * What to run, and where.
     *
     * @param http {@code host:port} of the gateway
     * @param broker the node's Kafka listener, and its process if that is known
     * @param clients WebSockets; of a stream of records or batches, ten at most
     * @param ratePerS records a second where each has one reader
     * @param fullRatePerS records a second where nobody reads
     * @param lingerMs how long producers wait for more to go with a record that has one reader
     * @param seconds that each scenario is measured, after a quarter of it to warm up
     * @param compress whether the WebSockets offer to
     */
    public record Plan(
            String http,
            Target broker,
            List<String> scenarios,
            int clients,
            double ratePerS,
            double fullRatePerS,
            int lingerMs,
            int seconds,
            boolean compress,
            boolean json) {}

    /** One scenario. */
    @FunctionalInterface
    interface Scenario {
        List<Measure> run(Plan plan) throws Exception;
    }

    /** Every scenario's name, in the order of running. */
    public static Set<String> names() {
        return all().keySet();
    }

    private static Map<String, Scenario> all() {
        Map<String, Scenario> all = new LinkedHashMap<>();
        all.put("idle", new IdleConnections());
        all.put("keyed", new FanOut("keyed", FanOut.Kind.ONE_KEY_EACH));
        all.put("starved", new FanOut("starved", FanOut.Kind.ONE_KEY_EACH_SOME_WITHOUT_CREDIT));
        all.put("broadcast", new FanOut("broadcast", FanOut.Kind.EVERYTHING_TO_ALL));
        all.put("records", new FanOut("records", FanOut.Kind.STREAM_OF_RECORDS));
        all.put("batches", new FanOut("batches", FanOut.Kind.STREAM_OF_BATCHES));
        all.put("reconnect", new MassReconnect());
        all.put("silent", new SilentSubscribers());
        return all;
    }

    public static void run(Plan plan, PrintStream out, PrintStream err) throws Exception {
        List<Measure> found = new ArrayList<>();
        for (String name : plan.scenarios()) {
            Scenario scenario = all().get(name);
            if (scenario == null) {
                throw new IllegalArgumentException(
                        "no scenario '" + name + "'; there are " + String.join(", ", names()));
            }
            err.println(name + " …");
            List<Measure> measures = scenario.run(plan);
            found.addAll(measures);
            if (!plan.json()) {
                measures.forEach(it -> out.printf("%-44s %12s %s%n", it.name(), Report.number(it.value()), it.unit()));
            }
        }
        if (plan.json()) {
            JsonArray measures = new JsonArray();
            found.forEach(it -> measures.add(new JsonObject()
                    .put("name", it.name())
                    .put("value", it.value())
                    .put("unit", it.unit())));
            out.println(new JsonObject().put("measures", measures).encodePrettily());
        }
    }
}
