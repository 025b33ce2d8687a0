// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.CoordinatorRecordCodec;
import io.tailrace.cluster.coordinator.EncodedRecord;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** The bytes are those that the classes of an Apache Kafka 4.3.1 distribution made of the same records. */
final class GroupRecordsTest {

    private static final HexFormat HEX = HexFormat.of();

    private final CoordinatorRecordCodec codec = GroupRecordTypes.codec();

    @Test
    void writesAGenerationAsKafkaDoes() {
        GroupMetadataValue value = new GroupMetadataValue()
                .setProtocolType("consumer")
                .setGeneration(3)
                .setProtocol("range")
                .setLeader("m")
                .setCurrentStateTimestamp(5L)
                .setMembers(List.of(new GroupMetadataValue.MemberMetadata()
                        .setMemberId("m")
                        .setClientId("c")
                        .setClientHost("/h")
                        .setSubscription(new byte[] {1})
                        .setAssignment(new byte[] {2})));
        EncodedRecord encoded = codec.encode(CoordinatorRecord.of(new GroupMetadataKey().setGroup("g"), value, 3));
        assertThat(HEX.formatHex(encoded.key())).isEqualTo("0002000167");
        assertThat(HEX.formatHex(Objects.requireNonNull(encoded.value())))
                .isEqualTo("00030008636f6e73756d657200000003000572616e676500016d00000000000000050000000100016dffff00"
                        + "016300022f68ffffffff0000000000000001010000000102");
    }

    @Test
    void writesAnOffsetAsKafkaDoes() {
        CommittedOffset offset = new CommittedOffset(42, 7, "x", 1_000, -1, Uuid.ZERO_UUID);
        EncodedRecord encoded = codec.encode(OffsetRecords.committed("g", new TopicPartition("t", 1), offset));
        assertThat(HEX.formatHex(encoded.key())).isEqualTo("000100016700017400000001");
        assertThat(HEX.formatHex(Objects.requireNonNull(encoded.value())))
                .isEqualTo("0004000000000000002a00000007027800000000000003e800");
    }

    @Test
    void readsEveryRecordTypeThatItWrites() {
        for (CoordinatorRecordType type : CoordinatorRecordType.values()) {
            if (type == CoordinatorRecordType.LEGACY_OFFSET_COMMIT) {
                continue;
            }
            ApiMessage value = type.newRecordValue();
            for (short version = type.lowestSupportedVersion(); version <= type.highestSupportedVersion(); version++) {
                CoordinatorRecord record = CoordinatorRecord.of(type.newRecordKey(), value, version);
                EncodedRecord encoded = codec.encode(record);
                assertThat(codec.decode(
                                ByteBuffer.wrap(encoded.key()),
                                ByteBuffer.wrap(Objects.requireNonNull(encoded.value()))))
                        .as("%s version %s", type, version)
                        .contains(record);
            }
        }
    }

    @Test
    void leavesAloneWhatALaterReleaseWrote() {
        assertThat(codec.decode(ByteBuffer.wrap(new byte[] {0x7f, 0, 1, 2}), null))
                .isEmpty();
        EncodedRecord known = codec.encode(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup("g")));
        assertThat(codec.decode(ByteBuffer.wrap(known.key()), ByteBuffer.wrap(new byte[] {0x7f, 0, 1})))
                .isEmpty();
    }
}
