// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static io.tailrace.cluster.quorum.TestQuorum.append;
import static io.tailrace.cluster.quorum.TestQuorum.voter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class RatisMetadataLogTest {

    private static final long NEVER = Long.MAX_VALUE;

    @TempDir
    Path dir;

    private RatisMetadataLog alone(long snapshotBytes) {
        return new RatisMetadataLog(QuorumConfig.single(dir, "cluster", voter(1), snapshotBytes), PeerTransport.none());
    }

    @Test
    void startsAlsoIfAFullDiskHasTakenTheVote() throws Exception {
        RecordingListener first = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(first);
            first.await(() -> first.leader() == 1);
            append(log, "a");
        }
        RecordingListener second = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(second);
            second.await(() -> second.leader() == 1);
        }
        try (Stream<Path> files = Files.find(dir, 5, (path, any) -> path.endsWith("raft-meta"))) {
            Path meta = files.findFirst().orElseThrow();
            Files.delete(meta);
            Files.createFile(meta);
        }

        RecordingListener third = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(third);
            third.await(() -> third.leader() == 1);
            append(log, "b");
            third.await(() -> third.texts().equals(List.of("a", "b")));
        }
    }

    @Test
    void keepsEverythingThroughARestart() throws Exception {
        RecordingListener first = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(first);
            first.await(() -> first.leader() == 1);
            append(log, "a");
            append(log, "b");
            first.await(() -> first.texts().equals(List.of("a", "b")));
        }
        RecordingListener second = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(second);
            second.await(() -> second.leader() == 1);
            assertThat(second.texts()).containsExactly("a", "b");
            append(log, "c");
            second.await(() -> second.texts().equals(List.of("a", "b", "c")));
        }
    }

    @Test
    void startsFromASnapshotAndKeepsTwo() throws Exception {
        String big = "x".repeat(20_000);
        List<String> expected = new ArrayList<>();
        RecordingListener first = new RecordingListener();
        try (RatisMetadataLog log = alone(50_000)) {
            log.start(first);
            first.await(() -> first.leader() == 1);
            for (int i = 0; i < 40; i++) {
                append(log, big + i);
                expected.add(big + i);
            }
        }
        RecordingListener second = new RecordingListener();
        try (RatisMetadataLog log = alone(50_000)) {
            log.start(second);
            second.await(() -> second.leader() == 1);
            assertThat(second.wasRestored()).isTrue();
            assertThat(second.texts()).isEqualTo(expected);
        }
        try (Stream<Path> files = Files.walk(dir)) {
            assertThat(files.map(it -> it.getFileName().toString())
                            .filter(it -> it.startsWith("snapshot.") && !it.endsWith(".md5")))
                    .hasSizeBetween(1, 2);
        }
    }

    @Test
    void takesTheLongestEntryOfTheController() throws Exception {
        String longest = "y".repeat((256 << 10) + (1 << 20));
        RecordingListener listener = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(listener);
            listener.await(() -> listener.leader() == 1);
            append(log, longest);
            listener.await(() -> listener.texts().equals(List.of(longest)));
        }
    }

    @Test
    void refusesTheFolderOfAnotherCluster() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(listener);
            listener.await(() -> listener.leader() == 1);
        }
        try (RatisMetadataLog other =
                new RatisMetadataLog(QuorumConfig.single(dir, "other", voter(1), NEVER), PeerTransport.none())) {
            assertThatThrownBy(() -> other.start(new RecordingListener()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is not of cluster other");
        }
    }

    /** The seam for the network: three voters over calls within the process. */
    @Test
    void threeVotersAgreeOverATransport() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startVoters(3);
            int leader = quorum.leaderId();
            quorum.append("agreed");
            for (int node = 1; node <= 3; node++) {
                quorum.awaitTexts(node, "agreed");
                assertThat(quorum.listener(node).leader()).isEqualTo(leader);
            }
            RatisMetadataLog follower = quorum.log(leader % 3 + 1);
            assertThatThrownBy(() -> append(follower, "not here")).hasRootCauseInstanceOf(NotLeaderException.class);
        }
    }
}
