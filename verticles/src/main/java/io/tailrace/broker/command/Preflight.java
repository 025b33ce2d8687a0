// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.ListenerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What is looked at before anything starts, so that the operator reads one clear line and not the trace of whatever failed first.
 *
 * <p>None of it replaces a check: a port can be taken a moment later, and the listener will then say so too.
 */
final class Preflight {

    /** Below it a handful of clients and topics exhaust the node: each socket, and each open segment, takes one or more. */
    static final long FEWEST_DESCRIPTORS = 4_096;
    /** From here on thousands of partitions and connections fit. */
    static final long ENOUGH_DESCRIPTORS = 65_536;

    private static final Path LIMITS = Path.of("/proc/self/limits");

    private Preflight() {}

    /**
     * Looks at everything.
     *
     * @return what the operator should know, one line each
     * @throws RefusedException on what would keep the node from working
     */
    static List<String> check(BrokerConfig config) {
        List<String> warnings = new ArrayList<>(config.warnings());
        openFiles(LIMITS).ifPresent(limit -> descriptors(limit, warnings));
        for (ListenerAddress address : config.listeners().bound()) {
            bindable(address);
            if (!address.loopback()) {
                warnings.add("listener " + address
                        + " is reachable from outside this machine, without encryption or access control:"
                        + " whoever reaches it can read, write and delete everything");
            }
        }
        return warnings;
    }

    static void descriptors(long limit, List<String> warnings) {
        if (limit < FEWEST_DESCRIPTORS) {
            throw new RefusedException("the limit of open files is " + limit + "; a broker needs " + FEWEST_DESCRIPTORS
                    + " or more, better " + ENOUGH_DESCRIPTORS
                    + ". Raise it with ulimit -n, or LimitNOFILE of systemd");
        }
        if (limit < ENOUGH_DESCRIPTORS) {
            warnings.add("the limit of open files is " + limit + "; " + ENOUGH_DESCRIPTORS
                    + " or more is better, since each connection and each partition in use takes some");
        }
    }

    /** The soft limit, which the JVM has raised to the hard one by itself; empty where the system does not tell, or sets none. */
    static OptionalLong openFiles(Path limits) {
        if (!Files.isReadable(limits)) {
            return OptionalLong.empty();
        }
        try (Stream<String> lines = Files.lines(limits)) {
            return lines.filter(line -> line.startsWith("Max open files"))
                    .map(line ->
                            line.substring("Max open files".length()).strip().split("\\s+")[0])
                    .filter(limit -> limit.chars().allMatch(Character::isDigit))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        } catch (IOException unreadable) {
            return OptionalLong.empty(); // not worth refusing a start
        }
    }

    static void bindable(ListenerAddress address) {
        if (address.port() == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(
                    address.host().isEmpty()
                            ? new InetSocketAddress(address.port())
                            : new InetSocketAddress(InetAddress.getByName(address.host()), address.port()));
        } catch (UnknownHostException unknown) {
            throw new RefusedException("listeners: " + address + " names a host that cannot be resolved");
        } catch (IOException taken) {
            throw new RefusedException("listeners: cannot listen on " + address + ": " + taken.getMessage()
                    + ". Is a broker running there? For another port: --override listeners=" + address.name() + "://"
                    + address.host() + ":PORT");
        }
    }
}
