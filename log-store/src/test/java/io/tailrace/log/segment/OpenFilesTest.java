// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {

    private static final int CAPACITY = 3;

    private final SimDisk disk = new SimDisk();
    private final OpenFiles files = new OpenFiles(disk, CAPACITY);
    private int made;

    OpenFilesTest() {
        disk.createDirectories(Path.of("/data"));
    }

    @Test
    void whatWasNotUsedForLongestIsClosedFirst() {
        List<OpenFiles.Handle> handles = open(CAPACITY);
        handles.getFirst().use();

        open(1);

        assertThat(files.openCount()).isEqualTo(CAPACITY);
        assertThat(handles.get(0).isOpen()).isTrue();
        assertThat(handles.get(1).isOpen()).isFalse();
    }

    @Test
    void aPinnedFileStaysOpenBeyondTheCapacityUntilItIsUnpinned() {
        List<OpenFiles.Handle> pinned = open(CAPACITY);
        pinned.forEach(OpenFiles.Handle::pin);

        open(5);
        assertThat(pinned).allMatch(OpenFiles.Handle::isOpen);
        assertThat(files.openCount()).as("those and the one in use").isEqualTo(CAPACITY + 1);

        pinned.forEach(OpenFiles.Handle::unpin);
        open(5);
        assertThat(pinned).noneMatch(OpenFiles.Handle::isOpen);
        assertThat(files.openCount()).isEqualTo(CAPACITY);
    }

    @Test
    void closingAllClosesPinnedOnesToo() {
        open(2).getFirst().pin();

        files.closeAll();

        assertThat(files.openCount()).isZero();
    }

    private List<OpenFiles.Handle> open(int count) {
        List<OpenFiles.Handle> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            OpenFiles.Handle handle = files.handle(Path.of("/data/" + made++));
            handle.create();
            handles.add(handle);
        }
        return handles;
    }
}
