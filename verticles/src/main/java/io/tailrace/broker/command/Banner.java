// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.ListenerAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a person reads who has just started a node: where it is, and what to type next. */
final class Banner {

    private Banner() {}

    /**
     * Prints it.
     *
     * @param ports in use, by listener name
     */
    static void print(BrokerConfig config, Map<String, Integer> ports, PrintStream out) {
        StringBuilder text = new StringBuilder();
        text.append("\nTailrace node ")
                .append(config.node().id())
                .append(startedIn())
                .append("\n\n");
        for (ListenerAddress address : config.listeners().bound()) {
            text.append("  Kafka   ").append(dialled(address, config, ports)).append('\n');
        }
        if (ports.containsKey(Broker.HTTP)) {
            text.append("  Web     http://")
                    .append(dialled(config.http().host(), ports.get(Broker.HTTP)))
                    .append("/\n");
        }
        text.append("  Data    ")
                .append(config.storage().dirs().stream().map(Path::toString).collect(Collectors.joining(", ")))
                .append('\n');
        String first = dialled(config.listeners().bound().get(0), config, ports);
        text.append("\nTry it:\n")
                .append("  echo hello | kcat -b ")
                .append(first)
                .append(" -t greetings -P\n")
                .append("  kcat -b ")
                .append(first)
                .append(" -t greetings -C -e\n")
                .append("  kafka-console-producer.sh --bootstrap-server ")
                .append(first)
                .append(" --topic greetings\n")
                .append("\nCtrl-C stops it.\n");
        out.println(text);
    }

    /** As clients are told, or else where the listener is bound. */
    private static String dialled(ListenerAddress bound, BrokerConfig config, Map<String, Integer> ports) {
        return config.listeners().advertised().stream()
                .filter(told -> told.name().equals(bound.name()))
                .findFirst()
                .map(told -> dialled(told.host(), told.port()))
                .orElseGet(() -> dialled(bound.host(), ports.getOrDefault(bound.name(), bound.port())));
    }

    private static String dialled(String host, int port) {
        String name = ListenerAddress.wildcard(host) ? "localhost" : host;
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }

    private static String startedIn() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Duration.between(start, Instant.now()).toMillis() / 1000.0)
                .map(seconds -> String.format(Locale.ROOT, " serves after %.2f s", seconds))
                .orElse(" serves");
    }
}
