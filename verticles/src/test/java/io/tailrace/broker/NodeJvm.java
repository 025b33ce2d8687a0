// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How tests start a JVM of its own: on what Maven has packaged, with an archive of its classes, loaded and linked, as the launcher has one (docs/decisions/0016).
 * Tests start some hundred, and on class directories each takes five times as much of the processor. Where nothing is packaged, as in an IDE, the class path of
 * the test will do; where no archive can be made, the JVM does without.
 */
public final class NodeJvm {

    /** Of a node that a test starts, unless it is the heap that the test is about. The second compiler would never pay for itself. */
    public static final List<String> SMALL = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** Set by the build, which packages before it tests; what else lies there may be old. */
    private static final String PACKAGED = System.getProperty("tailrace.test.jar", "");

    private static final String MAIN = "io.tailrace.broker.Main";
    private static final long PATIENCE_S = 180;

    /** The JVM's flag for the archive, once it is known whether there is one; guarded by the class. */
    private static List<String> archive;

    private NodeJvm() {}

    /** The command that runs {@code tailrace} with the given flags of the JVM; its arguments are to be added. */
    public static List<String> tailrace(List<String> flags) {
        return command(flags, PACKAGED, MAIN);
    }

    /** The command that runs a program of the tests with the given flags of the JVM; its arguments are to be added. */
    public static List<String> program(List<String> flags, String mainClass) {
        // What follows the part that is archived may be anything.
        String tests = Path.of("target", "test-classes").toAbsolutePath().toString();
        return command(flags, PACKAGED + File.pathSeparator + tests, mainClass);
    }

    private static List<String> command(List<String> flags, String packaged, String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(flags);
        if (PACKAGED.isEmpty()) {
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        } else {
            command.addAll(archive());
            command.addAll(List.of("-cp", packaged));
        }
        command.add(mainClass);
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static synchronized List<String> archive() {
        if (archive == null) {
            archive = archiveOf(Path.of(PACKAGED));
        }
        return archive;
    }

    /** Made once for each build, by a node that serves for a moment; in two ways, of which older JVMs have one. */
    private static List<String> archiveOf(Path jar) {
        boolean isAot = Runtime.version().feature() >= 25;
        Path file = jar.resolveSibling(isAot ? "tests.aot" : "tests.jsa");
        try {
            if (Files.notExists(file)
                    || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                record(jar, (isAot ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + file);
            }
            return Files.exists(file)
                    ? List.of((isAot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + file)
                    : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void record(Path jar, String flag) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(SMALL);
        command.addAll(List.of(flag, "-cp", jar.toString(), MAIN, "warm-up"));
        Path log = jar.resolveSibling("tests-archive.log");
        Process recording = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!recording.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            recording.destroyForcibly();
        } else if (recording.exitValue() == 0) {
            return;
        }
        System.out.println("nodes start without an archive of their classes: " + Files.readString(log));
    }
}
