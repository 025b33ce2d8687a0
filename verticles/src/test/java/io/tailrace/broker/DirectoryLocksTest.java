// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLocksTest {

    @TempDir
    Path dir;

    @Test
    void locksADirectoryAgainstASecondBrokerUntilTheFirstIsGone() throws IOException {
        Path data = dir.resolve("made/on/the/way");
        try (DirectoryLocks first = DirectoryLocks.take(List.of(data))) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> DirectoryLocks.take(List.of(dir.resolve("other"), data)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(data.toString())
                    .hasMessageContaining("in use by another broker");
        }
        try (DirectoryLocks second = DirectoryLocks.take(List.of(dir.resolve("other"), data))) {
            assertThat(second).isNotNull();
        }
    }

    @Test
    void aSecondBrokerOfTheSameProcessIsRefusedUntilTheFirstHasStopped() {
        BrokerFixture first = BrokerFixture.start(dir);
        try {
            assertThatThrownBy(() -> BrokerFixture.start(dir))
                    .rootCause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by another broker");
        } finally {
            first.close();
        }
        BrokerFixture.start(dir).close();
    }

    @Test
    void refusesAFileWhereADirectoryShouldBe() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        assertThatThrownBy(() -> DirectoryLocks.take(List.of(file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
