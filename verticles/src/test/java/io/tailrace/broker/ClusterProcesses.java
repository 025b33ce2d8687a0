// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.awaitility.core.ThrowingRunnable;

/** Nodes of one cluster as processes of their own, on loopback, that can be killed and started again. Node ids are from 1. */
public final class ClusterProcesses implements AutoCloseable {

    private static final String SECRET = "the secret of a test cluster";

    private final Path dir;
    private final List<Place> places;
    private final Map<Integer, Process> running = new HashMap<>();

    /**
     * Where a node lives.
     *
     * @param clusterPort the two after it are the node's too
     * @param data its {@code log.dirs}
     * @param prefix of the command that starts it
     */
    public record Place(String host, int kafkaPort, int clusterPort, Path data, List<String> prefix) {

        String kafka() {
            return host + ":" + kafkaPort;
        }

        String cluster() {
            return host + ":" + clusterPort;
        }
    }

    /** On loopback; the nodes' data and what they print are in {@code dir}. Starts nothing yet. */
    public ClusterProcesses(Path dir, int nodes) throws IOException {
        this(dir, onLoopback(dir, nodes));
    }

    /** What the nodes print goes to {@code dir}. Starts nothing yet. */
    public ClusterProcesses(Path dir, List<Place> places) {
        this.dir = dir;
        this.places = List.copyOf(places);
    }

    /** Places on loopback with free ports, with data in folders of {@code dir}. */
    public static List<Place> onLoopback(Path dir, int nodes) throws IOException {
        List<Place> places = new ArrayList<>();
        for (int node = 1; node <= nodes; node++) {
            places.add(new Place(
                    "127.0.0.1", FreePorts.one(), FreePorts.inARow(3), dir.resolve("data" + node), List.of()));
        }
        return places;
    }

    /** Starts a node, and returns at once. {@code settings} are pairs of key and value. */
    public void start(int node, String... settings) throws IOException {
        Place place = places.get(node - 1);
        Map<String, String> config = new HashMap<>();
        config.put("node.id", Integer.toString(node));
        config.put("listeners", "PLAINTEXT://" + place.kafka());
        config.put("http.port", "0");
        config.put("log.dir.min.free.bytes", "0");
        config.put("log.dirs", place.data().toString());
        config.put("cluster.listener", place.cluster());
        config.put("cluster.secret", SECRET);
        config.put(
                "controller.quorum.bootstrap.servers",
                places.stream().map(Place::cluster).collect(Collectors.joining(",")));
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        List<String> command = new ArrayList<>(place.prefix());
        command.addAll(NodeJvm.tailrace(NodeJvm.SMALL));
        command.add("start");
        config.forEach((key, value) -> {
            if (!value.isEmpty()) {
                command.add("-o");
                command.add(key + "=" + value);
            }
        });
        Files.createDirectories(dir);
        running.put(
                node,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(output(node).toFile()))
                        .start());
    }

    /** Where the node keeps what it has. */
    public Path data(int node) {
        return places.get(node - 1).data();
    }

    private Path output(int node) {
        return dir.resolve("output" + node);
    }

    /** As {@code kill -9}. */
    public void kill(int node) {
        Process process = running.remove(node);
        if (process != null) {
            process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    /** As {@code kill}: the node stops cleanly. */
    public void stop(int node) {
        Process process = running.remove(node);
        if (process != null) {
            process.destroy();
            process.onExit().orTimeout(90, TimeUnit.SECONDS).join();
        }
    }

    /** Whether the node runs; one that has ended by itself does not. A paused one does. */
    public boolean isRunning(int node) {
        Process process = running.get(node);
        return process != null && process.isAlive();
    }

    /** Holds a node as it is ({@code SIGSTOP}). Only where there is {@code kill}. */
    public void pause(int node) throws IOException {
        signal(node, "STOP");
    }

    /** Lets a node go on. */
    public void resume(int node) throws IOException {
        signal(node, "CONT");
    }

    /** Has each node that runs print what its threads are at, among all else that it prints. */
    public void dumpThreads() throws IOException {
        for (int node = 1; node <= places.size(); node++) {
            signal(node, "QUIT");
        }
    }

    /** Keeps what each node that runs has in its heap as {@code heapN.hprof}, for who looks for the reason of what should not have happened. */
    public void dumpHeaps() throws IOException {
        for (int node = 1; node <= places.size(); node++) {
            Process process = running.get(node);
            if (process != null && process.isAlive()) {
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                        .toString(),
                                Long.toString(process.pid()),
                                "GC.heap_dump",
                                dir.resolve("heap" + node + ".hprof")
                                        .toAbsolutePath()
                                        .toString())
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(output(node).toFile()))
                        .start()
                        .onExit()
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join();
            }
        }
    }

    /** The processor time that the node's process has used; none if it does not run, or the system does not tell. */
    public Duration cpu(int node) {
        Process process = running.get(node);
        return process == null
                ? Duration.ZERO
                : process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private void signal(int node, String name) throws IOException {
        Process process = running.get(node);
        if (process != null && process.isAlive()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .onExit()
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
    }

    public String address(int node) {
        return places.get(node - 1).kafka();
    }

    /** All nodes, for a client to begin with. */
    public String bootstrap() {
        return places.stream().map(Place::kafka).collect(Collectors.joining(","));
    }

    public int size() {
        return places.size();
    }

    /** An admin client that knows the given nodes; all if none is given. */
    public Admin admin(int... nodes) {
        IntStream known = nodes.length == 0 ? IntStream.rangeClosed(1, places.size()) : IntStream.of(nodes);
        return Admin.create(Map.of(
                "bootstrap.servers",
                known.mapToObj(this::address).collect(Collectors.joining(",")),
                "default.api.timeout.ms",
                "60000",
                "request.timeout.ms",
                "15000"));
    }

    /**
     * A topic that is there, or is about to be: whichever node a client asks may hear of it a moment after the node that was asked to create it.
     */
    public static TopicDescription describe(Admin admin, String topic) {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsMatching(it ->
                        it instanceof ExecutionException && it.getCause() instanceof UnknownTopicOrPartitionException)
                .until(
                        () -> admin.describeTopics(List.of(topic))
                                .topicNameValues()
                                .get(topic)
                                .get(60, TimeUnit.SECONDS),
                        Objects::nonNull);
    }

    /** Waits until it holds, exceptions or not; else fails with what the nodes printed. */
    public void eventually(ThrowingRunnable holds) {
        try {
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .untilAsserted(holds);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(outputs(), e);
        }
    }

    /** The last that each node printed; for the message of a failure. */
    public String outputs() {
        StringBuilder all = new StringBuilder();
        for (int node = 1; node <= places.size(); node++) {
            try {
                List<String> lines = Files.exists(output(node)) ? Files.readAllLines(output(node)) : List.of();
                all.append("\nnode ").append(node).append(":\n  ");
                all.append(String.join("\n  ", lines.subList(Math.max(0, lines.size() - 25), lines.size())));
            } catch (IOException e) {
                all.append(e);
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        List.copyOf(running.keySet()).forEach(this::kill);
    }
}
