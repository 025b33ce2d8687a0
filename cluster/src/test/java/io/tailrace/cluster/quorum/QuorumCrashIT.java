// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that writes the metadata log, with SIGKILL and at any moment, and looks for what it had been promised. */
class QuorumCrashIT {

    private static final int ROUNDS = 4;

    @TempDir
    Path dir;

    @Test
    void losesNothingCommittedWhenKilled() throws Exception {
        long seed = 4711;
        Random random = new Random(seed);
        int committed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path").replace(':', File.pathSeparatorChar),
                            CrashingWriter.class.getName(),
                            dir.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int kill = committed + 1 + random.nextInt(300);
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
                String line = out.readLine();
                assertThat(line).as("round %d, seed %d", round, seed).startsWith("has ");
                int has = Integer.parseInt(line.substring(4));
                assertThat(has).as("round %d, seed %d", round, seed).isGreaterThanOrEqualTo(committed);
                while (committed < kill && (line = out.readLine()) != null) {
                    committed = Integer.parseInt(line) + 1;
                }
                writer.toHandle()
                        .destroyForcibly(); // Process.destroyForcibly would close the stream that is still to be read
                while ((line = out.readLine()) != null) {
                    committed = Integer.parseInt(line) + 1;
                }
            }
            writer.waitFor();
        }
        List<String> found = contents();
        assertThat(found)
                .as("seed %d", seed)
                .hasSizeGreaterThanOrEqualTo(committed)
                .isEqualTo(IntStream.range(0, found.size())
                        .mapToObj(Integer::toString)
                        .toList());
    }

    private List<String> contents() throws Exception {
        RecordingListener listener = new RecordingListener();
        Voter self = new Voter(1, "dir", "127.0.0.1:1");
        try (RatisMetadataLog log =
                new RatisMetadataLog(QuorumConfig.single(dir, "cluster", self, 2_000), PeerTransport.none())) {
            log.start(listener);
            listener.await(() -> listener.leader() == 1);
            return listener.texts();
        }
    }
}
