// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.disk.SimDisk;
import io.tailrace.log.disk.StorageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogDirectoriesTest {

    private static final Path ROOT = Path.of("/data");

    /** A node that went on without any would be in the cluster, and its replicas out of sync for good. */
    @Test
    void refuseToOpenWhereTheDiskOfTheLastOneIsFull() {
        SimDisk disk = new SimDisk();
        disk.createDirectories(ROOT);
        disk.capacityBytes(disk.usedBytes());

        assertThatThrownBy(() -> LogDirectories.open(disk, List.of(ROOT)))
                .isInstanceOfSatisfying(
                        StorageException.class, it -> assertThat(it.kind()).isEqualTo(StorageException.Kind.NO_SPACE));

        disk.capacityBytes(Long.MAX_VALUE);
        assertThat(LogDirectories.open(disk, List.of(ROOT)).failures()).isEmpty();
    }
}
