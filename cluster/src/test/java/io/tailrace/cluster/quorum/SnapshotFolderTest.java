// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.StorageImplUtils;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFolderTest {

    @TempDir
    Path dir;

    private final SnapshotFolder folder = new SnapshotFolder();
    private RaftStorage storage;

    @BeforeEach
    void open() throws IOException {
        storage = StorageImplUtils.newRaftStorage(
                dir.toFile(), SizeInBytes.ZERO, RaftStorage.StartupOption.FORMAT, CorruptionPolicy.getDefault());
        storage.initialize();
    }

    @AfterEach
    void close() throws IOException {
        storage.close();
    }

    private Path written(long index) throws IOException {
        Path smDir = storage.getStorageDir().getStateMachineDir().toPath();
        Path file = Files.write(smDir.resolve("snapshot.1_" + index), new byte[] {1, 2, 3});
        MD5FileUtil.computeAndSaveMd5ForFile(file.toFile());
        return file;
    }

    private static SingleFileSnapshotInfo info(Path file, long index) throws IOException {
        return new SingleFileSnapshotInfo(
                new FileInfo(file, MD5FileUtil.computeMd5ForFile(file.toFile())), TermIndex.valueOf(1, index));
    }

    @Test
    void findsWhatIsThereAtTheStart() throws IOException {
        written(5);
        written(9);
        folder.init(storage);
        assertThat(folder.getLatestSnapshot().getIndex()).isEqualTo(9);
    }

    /** Ratis asks with each message of the log, and comes back with {@code loadLatestSnapshot} when it has put one there. */
    @Test
    void anEmptyFolderIsNotReadAgainUntilASnapshotHasComeIn() throws IOException {
        folder.init(storage);
        assertThat(folder.getLatestSnapshot()).isNull();
        written(5);
        assertThat(folder.getLatestSnapshot()).isNull();
        assertThat(folder.loadLatestSnapshot().getIndex()).isEqualTo(5);
        assertThat(folder.getLatestSnapshot().getIndex()).isEqualTo(5);
    }

    @Test
    void tellsOfTheNewestThatThisNodeHasTaken() throws IOException {
        folder.init(storage);
        folder.updateLatestSnapshot(info(written(7), 7));
        assertThat(folder.getLatestSnapshot().getIndex()).isEqualTo(7);
        folder.updateLatestSnapshot(info(written(3), 3));
        assertThat(folder.getLatestSnapshot().getIndex()).isEqualTo(7);
    }

    /** Who has read the folder before the first snapshot was taken, and tells of it afterwards, must not make it forgotten. */
    @Test
    void aLookThatFoundNothingDoesNotHideASnapshot() throws IOException {
        folder.init(storage);
        folder.updateLatestSnapshot(info(written(7), 7));
        folder.updateLatestSnapshot(null);
        assertThat(folder.getLatestSnapshot().getIndex()).isEqualTo(7);
    }
}
