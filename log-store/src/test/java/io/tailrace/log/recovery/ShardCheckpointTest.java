// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.epoch.EpochStart;
import io.tailrace.log.producer.ProducerStates;
import io.tailrace.log.recovery.ShardCheckpoint.Entry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ShardCheckpointTest {

    private static final int FORGOTTEN_AT = 18 + 2 + 1 + 4 + 16 + 6 * 8;

    private final Entry entry = new Entry(
            new TopicPartition("t", 3), new Uuid(1, 2), 10, 20, 30, 40, 50, 60, 70, List.of(new EpochStart(5, 20)));
    private final ShardCheckpoint checkpoint = new ShardCheckpoint(99, List.of(entry));

    @Test
    void tellsWhatWasWritten() {
        assertThat(ShardCheckpoint.decode(checkpoint.encode())).contains(checkpoint);
    }

    @Test
    void anOlderOneDoesNotTellWhichProducersWereForgotten() {
        byte[] now = checkpoint.encode();
        ByteBuffer before = ByteBuffer.allocate(now.length - Long.BYTES);
        before.put(now, 0, FORGOTTEN_AT).put(now, FORGOTTEN_AT + Long.BYTES, now.length - FORGOTTEN_AT - Long.BYTES);
        before.putShort(4, (short) 2);
        CRC32C crc = new CRC32C();
        crc.update(before.array(), 0, before.capacity() - 4);
        before.putInt(before.capacity() - 4, (int) crc.getValue());

        ShardCheckpoint read = ShardCheckpoint.decode(before.array()).orElseThrow();

        assertThat(read.sequence()).isEqualTo(99);
        assertThat(read.entries()).singleElement().satisfies(it -> {
            assertThat(it.forgottenUpTo()).isEqualTo(ProducerStates.ANYBODY);
            assertThat(it.cleanedEndOffset()).isEqualTo(60);
            assertThat(it.epochs()).containsExactly(new EpochStart(5, 20));
        });
    }

    @Test
    void oneThatIsTornTellsNothing() {
        byte[] content = checkpoint.encode();
        content[20] ^= 1;

        assertThat(ShardCheckpoint.decode(content)).isEmpty();
    }
}
