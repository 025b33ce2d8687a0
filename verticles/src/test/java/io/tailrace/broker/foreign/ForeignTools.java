// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that have to be installed: kcat, node and npm, by which kafkajs comes into {@code target}, and go. */
final class ForeignTools {

    static final Path KAFKAJS = Path.of("target", "foreign-clients").toAbsolutePath();

    /** Where programs in Go are built: {@code sarama.bin} and {@code franz.bin}. */
    static final Path GO = KAFKAJS.resolve("go");

    /** Enough for a first build with an empty cache. */
    private static final long PATIENCE_S = 300;

    private ForeignTools() {}

    /** Fails, saying what to install, if one is not there. */
    static void require(Path dir) throws Exception {
        require(dir, "kcat", "-V");
        require(dir, "node", "--version");
        require(dir, "npm", "--version");
    }

    static void require(Path dir, String... command) {
        try {
            run(dir, dir, command);
        } catch (Exception missing) {
            throw new AssertionError(
                    "the profile foreign-clients needs kcat, node, npm and go; " + command[0]
                            + " is not there. On Debian: apt-get install kcat nodejs npm golang",
                    missing);
        }
    }

    /** Installs kafkajs and puts scripts of ours beside it. */
    static void installKafkajs(Path dir, String... scripts) throws Exception {
        Files.createDirectories(KAFKAJS);
        for (String script : scripts) {
            Files.copy(
                    Path.of("src", "test", "resources", "foreign-clients", script),
                    KAFKAJS.resolve(script),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(KAFKAJS.resolve("package.json"), "{\"private\": true}");
        run(
                dir,
                KAFKAJS,
                "npm",
                "install",
                "--no-fund",
                "--no-audit",
                "--no-save",
                "kafkajs@2.2.4",
                "kafkajs-snappy@1.1.0",
                "lz4js@0.2.0",
                "zstd-codec@0.1.5",
                "ws@8.18.0");
    }

    /** Builds the programs in Go of the test resources, with the clients that their go.sum names. */
    static void buildGo(Path dir) throws Exception {
        Path sources = Path.of("src", "test", "resources", "foreign-clients", "go");
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = GO.resolve(sources.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        for (String program : List.of("sarama", "franz")) {
            run(dir, GO, "go", "build", "-o", program + ".bin", "./" + program);
        }
    }

    /** What a program prints; it must end well. Its output is kept in {@code dir} meanwhile. */
    static String run(Path dir, Path in, String... command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile(dir, "errors", "");
        Path output = Files.createTempFile(dir, "output", "");
        Process process = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectError(errors.toFile())
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " does not end: " + Files.readString(errors));
        }
        String printed = Files.readString(output, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue())
                .as("%s: %s %s", String.join(" ", command), Files.readString(errors), printed)
                .isZero();
        return printed;
    }
}
