// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.ReplicaMessage;
import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class BusReplicaTransportTest {

    private static final String HEAD = "what the bus writes before";
    private static final String TAIL = "and behind";

    private final BusReplicaTransport.Codec codec = new BusReplicaTransport.Codec();

    @Test
    void messagesOfAnySizeSurviveTheBusesBuffer() {
        ByteBuffer large = ByteBuffer.allocate(3 << 20);
        new Random(1).nextBytes(large.array());
        List<ReplicaMessage> messages = List.of(
                new ReplicaMessage.Release(3),
                new ReplicaMessage.Fetch(
                        7,
                        1,
                        500,
                        1 << 20,
                        List.of(new ReplicaMessage.Part(new Uuid(1, 2), 3, new FetchPosition(4, 5, 6, 7)))),
                new ReplicaMessage.Fetched(List.of()),
                new ReplicaMessage.Fetched(List.of(
                        new ReplicaMessage.Result(new FetchAnswer(Errors.NONE, 90, 4, null, 77), large),
                        new ReplicaMessage.Result(
                                new FetchAnswer(Errors.NONE, 9, 4, null, 7), large.slice(5, 2_000)))));
        for (ReplicaMessage message : messages) {
            Buffer wire = Buffer.buffer(HEAD);
            codec.encodeToWire(wire, message);
            wire.appendString(TAIL);

            assertThat(codec.decodeFromWire(HEAD.length(), wire)).isEqualTo(message);
            assertThat(wire.getString(0, HEAD.length())).isEqualTo(HEAD);
            assertThat(wire.getString(wire.length() - TAIL.length(), wire.length()))
                    .isEqualTo(TAIL);
        }
    }
}
