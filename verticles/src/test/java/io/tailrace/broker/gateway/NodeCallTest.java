// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.bus.RecordWire;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What travels between gateways arrives as it was sent. */
final class NodeCallTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "t", 3);
    private static final ByteBuffer BYTES = ByteBuffer.wrap(new byte[] {9, 1, 2, -1, 9}, 1, 3);

    private static final List<NodeCall> CALLS = List.of(
            new NodeCall.ReadAt(PARTITION, 1L << 40, -1, 4096, 30_000),
            new NodeCall.Found(
                    Errors.NONE,
                    BYTES,
                    5,
                    9,
                    8,
                    1,
                    List.of(new Read.AbortedTransaction(7, 6)),
                    Optional.of(new Read.Divergence(2, 4))),
            new NodeCall.Found(
                    Errors.OFFSET_OUT_OF_RANGE, ByteBuffer.allocate(0), -1, -1, -1, -1, List.of(), Optional.empty()),
            new NodeCall.Locate(PARTITION, -2),
            new NodeCall.Located(Errors.NONE, 1, 2, 3),
            new NodeCall.Write(PARTITION, BYTES, 1_000),
            new NodeCall.Written(Errors.NOT_ENOUGH_REPLICAS, -1, "too few"),
            new NodeCall.Describe(),
            new NodeCall.Described(
                    List.of(new DescribePartitions.Directory("/d", Errors.KAFKA_STORAGE_ERROR, 10, 5)),
                    List.of(new DescribePartitions.Partition(PARTITION, "t", "/d", 100, 1, 2, 3))),
            new NodeCall.AskApi("User", "mira", "10.0.0.1", (short) 16, (short) 5, BYTES),
            new NodeCall.Answered(BYTES),
            new NodeCall.Failed("no"));

    @Test
    void everyCallTravels() {
        for (NodeCall call : CALLS) {
            Buffer wire = Buffer.buffer();
            RecordWire.write(NodeCall.class, call, wire);
            assertThat(RecordWire.read(NodeCall.class, wire, 0)).isEqualTo(call);
        }
        assertThat(BYTES.remaining()).as("what was sent is left as it was").isEqualTo(3);
        assertThat(CALLS.stream().map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(NodeCall.class.getPermittedSubclasses());
    }
}
