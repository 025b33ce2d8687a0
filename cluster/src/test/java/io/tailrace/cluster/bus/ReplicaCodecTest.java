// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import io.tailrace.log.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class ReplicaCodecTest {

    private static final ByteBuffer RECORDS = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5});

    private static final List<ReplicaMessage> MESSAGES = List.of(
            new ReplicaMessage.Fetch(7, 1L << 40, 500, 1 << 20, List.of(part(0, 0, 0, -1), part(5, 9, 1L << 50, 8))),
            new ReplicaMessage.Fetch(7, 3, 0, 0, List.of()),
            new ReplicaMessage.Fetched(List.of(
                    new ReplicaMessage.Result(new FetchAnswer(Errors.NONE, 90, 4, null, 77), RECORDS),
                    new ReplicaMessage.Result(FetchAnswer.refused(Errors.FENCED_LEADER_EPOCH), ByteBuffer.allocate(0)),
                    new ReplicaMessage.Result(
                            new FetchAnswer(Errors.NONE, 90, 4, new EpochEnd(3, 60), -1), ByteBuffer.allocate(0)))),
            new ReplicaMessage.Release(3));

    private static ReplicaMessage.Part part(int partition, int epoch, long offset, int lastEpoch) {
        return new ReplicaMessage.Part(
                new Uuid(11, 12), partition, new FetchPosition(epoch, offset, lastEpoch, offset / 2));
    }

    @Test
    void readsBackWhatItWrote() {
        for (ReplicaMessage message : MESSAGES) {
            ByteBuffer bytes = ReplicaCodec.encode(message);

            assertThat(bytes.remaining()).isEqualTo(ReplicaCodec.sizeBytes(message));
            assertThat(ReplicaCodec.decode(bytes)).isEqualTo(message);
            assertThat(bytes.hasRemaining()).isFalse();
        }
    }

    @Test
    void writesRecordsBehindAllElse() {
        for (ReplicaMessage message : MESSAGES) {
            ByteBuffer whole = ByteBuffer.allocate(ReplicaCodec.sizeBytes(message));
            ReplicaCodec.encodeHead(message, whole);

            assertThat(whole.position()).isEqualTo(ReplicaCodec.headBytes(message));
            if (message instanceof ReplicaMessage.Fetched fetched) {
                fetched.results().forEach(result -> whole.put(result.records().duplicate()));
            }
            assertThat(whole.flip()).isEqualTo(ReplicaCodec.encode(message));
        }
    }

    @Test
    void knowsEveryKindOfMessage() {
        Set<Class<?>> tested = MESSAGES.stream().map(Object::getClass).collect(Collectors.toSet());
        Set<Class<?>> all =
                Stream.of(ReplicaMessage.class.getPermittedSubclasses()).collect(Collectors.toSet());

        assertThat(tested).isEqualTo(all);
    }

    @Test
    void refusesEveryMessageThatIsCutShort() {
        for (ReplicaMessage message : MESSAGES) {
            ByteBuffer bytes = ReplicaCodec.encode(message);
            for (int length = 0; length < bytes.limit(); length++) {
                ByteBuffer cut = bytes.slice(0, length);
                assertThatIllegalArgumentException().isThrownBy(() -> ReplicaCodec.decode(cut));
            }
        }
    }

    @Test
    void allocatesNothingForItemsThatAreNotThere() {
        ByteBuffer bytes =
                ByteBuffer.allocate(5).put((byte) 6).putInt(Integer.MAX_VALUE).flip();

        assertThatIllegalArgumentException().isThrownBy(() -> ReplicaCodec.decode(bytes));
    }

    @Test
    void refusesAKindThatItDoesNotKnow() {
        assertThatIllegalArgumentException().isThrownBy(() -> ReplicaCodec.decode(ByteBuffer.wrap(new byte[] {9, 0})));
    }
}
