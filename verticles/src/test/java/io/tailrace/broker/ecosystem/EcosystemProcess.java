// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.ecosystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java program on the jars of Apache Kafka 4.3.1 and what they need. */
final class EcosystemProcess implements AutoCloseable {

    private static final Path JARS = Path.of("target", "ecosystem").toAbsolutePath();

    private final Process process;
    private final Path output;

    private EcosystemProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts it, and does not wait.
     *
     * @param dir its working folder, where what it prints is kept
     * @param program a class of the jars, or a source file
     */
    static EcosystemProcess start(Path dir, String program, String... args) throws IOException {
        if (!Files.isDirectory(JARS)) {
            throw new AssertionError(JARS + " is not there: run this test with -Pecosystem");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory",
                "-cp",
                JARS.resolve("*").toString(),
                program));
        command.addAll(List.of(args));
        Path output = Files.createDirectories(dir).resolve("output");
        return new EcosystemProcess(
                new ProcessBuilder(command)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** For the message of a failure. */
    String output() {
        try {
            return (process.isAlive() ? "runs" : "ended with " + process.exitValue()) + ": " + Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** As on Ctrl-C: it leaves its groups. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end: " + output());
        }
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }
}
