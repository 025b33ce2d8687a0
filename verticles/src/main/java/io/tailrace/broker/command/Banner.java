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
            text.append("  Kafka   ").append(dialled(address, ports)).append('\n');
        }
        if (ports.containsKey(Broker.HTTP)) {
            text.append("  Web     http://")
                    .append(config.http().host())
                    .append(':')
                    .append(ports.get(Broker.HTTP))
                    .append("/\n");
        }
        text.append("  Data    ")
                .append(config.storage().dirs().stream().map(Path::toString).collect(Collectors.joining(", ")))
                .append('\n');
        String first = dialled(config.listeners().bound().get(0), ports);
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

    private static String dialled(ListenerAddress address, Map<String, Integer> ports) {
        String host = address.wildcard() ? "localhost" : address.host();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":"
                + ports.getOrDefault(address.name(), address.port());
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
