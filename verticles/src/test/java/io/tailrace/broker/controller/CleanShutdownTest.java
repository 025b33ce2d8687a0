// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanShutdownTest {

    @TempDir
    Path dir;

    @Test
    void remembersTheEpochUntilItIsForgotten() throws IOException {
        assertThat(CleanShutdown.read(dir, List.of("a"))).isEqualTo(-1);
        CleanShutdown.leave(dir, 42, List.of("a", "b"));
        assertThat(CleanShutdown.read(dir, List.of("b", "a", "added"))).isEqualTo(42);
        CleanShutdown.forget(dir);
        assertThat(CleanShutdown.read(dir, List.of("a", "b"))).isEqualTo(-1);
    }

    /** An empty disk in the place of one that had what the node confirmed: the node has lost it, however cleanly it was stopped. */
    @Test
    void saysNothingOfOtherDirectories() throws IOException {
        CleanShutdown.leave(dir, 42, List.of("a", "b"));
        assertThat(CleanShutdown.read(dir, List.of("a", "replaced"))).isEqualTo(-1);
    }

    @Test
    void readsTheNoteOfAnEarlierVersion() throws IOException {
        Files.writeString(dir.resolve("clean-shutdown.epoch"), "42");
        assertThat(CleanShutdown.read(dir, List.of("a"))).isEqualTo(42);
    }
}
