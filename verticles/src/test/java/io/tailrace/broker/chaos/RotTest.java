// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RotTest {

    @TempDir
    Path data;

    private Path segment;

    @BeforeEach
    void writeSegments() throws IOException {
        Path folder = Files.createDirectories(data.resolve("t-0"));
        segment = folder.resolve("00000000000000000000.log");
        Files.write(segment, batches());
        Files.write(folder.resolve("00000000000000000020.log"), new byte[10]);
        Files.createDirectories(data.resolve("t-0.abc-delete"));
    }

    private static byte[] batches() {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        for (int offset = 0; offset < 20; offset++) {
            bytes.put(MemoryRecords.withRecords(offset, Compression.NONE, new SimpleRecord(new byte[500]))
                    .buffer());
        }
        byte[] written = new byte[bytes.flip().remaining()];
        bytes.get(written);
        return written;
    }

    @Test
    void findsWhatIsClosedAndNothingElse() throws IOException {
        assertThat(Rot.closedSegments(data, "t")).containsExactly(segment);
        assertThat(Rot.closedSegments(data.resolve("nowhere"), "t")).isEmpty();
    }

    @Test
    void isThereUntilTheFileIsWhatItWasOrGone() throws IOException {
        byte[] sound = Files.readAllBytes(segment);
        for (int seed = 0; seed < 100; seed++) {
            Rot rot = Rot.spoil(segment, new Random(seed));
            assertThat(rot.isGone()).as(rot::toString).isFalse();
            assertThat(Files.readAllBytes(segment))
                    .as(rot::toString)
                    .hasSameSizeAs(sound)
                    .isNotEqualTo(sound);

            Files.write(segment, sound);
            assertThat(rot.isGone()).as(rot::toString).isTrue();
        }
        Rot rot = Rot.spoil(segment, new Random(1));
        Files.delete(segment);
        assertThat(rot.isGone()).isTrue();
    }

    /** What was not committed is cut off when the node comes back, spoiled or not. */
    @Test
    void isGoneWhereSomethingElseWasWritten() throws IOException {
        for (int seed = 0; seed < 100; seed++) {
            writeSegments();
            Rot rot = Rot.spoil(segment, new Random(seed));
            byte[] others = new byte[(int) Files.size(segment)];
            new Random(-1 - seed).nextBytes(others);

            Files.write(segment, others);
            assertThat(rot.isGone()).as(rot::toString).isTrue();
        }
    }
}
