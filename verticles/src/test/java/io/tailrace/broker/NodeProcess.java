// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tailrace start} as a process of its own, which can be killed, and of which the memory can be seen from outside. */
public final class NodeProcess implements AutoCloseable {

    private static final Pattern ADDRESS = Pattern.compile("  Kafka +(\\S+):(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(90);

    private final Process process;
    private final Path output;
    private final int port;

    private NodeProcess(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    /**
     * Starts a node on a free port and waits until it serves.
     *
     * @param dir empty or not there; the data goes to {@code data} in it
     * @param jvm flags
     */
    public static NodeProcess start(Path dir, List<String> jvm) throws IOException, InterruptedException {
        Files.createDirectories(dir);
        Path output = dir.resolve("output");
        Process process = run(output, jvm, 0, dir.resolve("data"));
        return new NodeProcess(process, output, awaitPort(process, output));
    }

    /**
     * Starts a node on {@code data} and {@code port}, and does not wait: it is up when its port answers.
     *
     * @param settings pairs of key and value
     */
    public static NodeProcess launch(Path data, int port, String... settings) throws IOException {
        Path output = data.resolveSibling("node.log");
        return new NodeProcess(run(output, NodeJvm.SMALL, port, data, settings), output, port);
    }

    private static Process run(Path output, List<String> jvm, int port, Path data, String... settings)
            throws IOException {
        List<String> command = NodeJvm.tailrace(jvm);
        command.addAll(List.of(
                "start",
                "-o",
                "listeners=PLAINTEXT://127.0.0.1:" + port,
                "-o",
                "http.port=0",
                "-o",
                "log.dir.min.free.bytes=0",
                "-o",
                "log.dirs=" + data));
        for (int i = 0; i < settings.length; i += 2) {
            command.add("-o");
            command.add(settings[i] + "=" + settings[i + 1]);
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static int awaitPort(Process process, Path output) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (process.isAlive() && System.nanoTime() < deadline) {
            Matcher line = ADDRESS.matcher(Files.readString(output));
            if (line.find()) {
                return Integer.parseInt(line.group(2));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        process.destroyForcibly();
        throw new AssertionError("the node does not come up: " + Files.readString(output));
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** All that was printed so far. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    /** Memory that the process occupies, whatever for: heap, buffers, threads, code. Linux tells it; elsewhere it is -1. */
    public long residentBytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return -1;
        }
        Matcher line = RESIDENT.matcher(Files.readString(status));
        return line.find() ? 1024 * Long.parseLong(line.group(1)) : -1;
    }

    /** Asks the node to stop, as {@code kill} does. */
    public void terminate() {
        process.destroy();
    }

    /** Waits until the process is gone; tells how it ended. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the process does not stop");
        }
        return process.exitValue();
    }

    /** As {@code kill -9}: no shutdown hook runs, nothing is flushed. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
