// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.CoordinatorRecordCodec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;

/** The record types of {@code __consumer_offsets}: those of Kafka's group coordinator, whatever the kind of group. */
public final class GroupRecordTypes implements CoordinatorRecordCodec.Types {

    private static final short LEGACY_OFFSET_COMMIT = CoordinatorRecordType.LEGACY_OFFSET_COMMIT.id();

    private final Map<Short, CoordinatorRecordType> byId = new HashMap<>();

    private GroupRecordTypes() {
        for (CoordinatorRecordType type : CoordinatorRecordType.values()) {
            byId.put(type.id(), type);
        }
    }

    /** Reads and writes the records of {@code __consumer_offsets}. */
    public static CoordinatorRecordCodec codec() {
        return new CoordinatorRecordCodec(new GroupRecordTypes());
    }

    @Override
    public Optional<ApiMessage> newKey(short type) {
        // The key of Kafka 0.8 has the fields of its successor and means the same.
        return type == LEGACY_OFFSET_COMMIT
                ? Optional.of(new OffsetCommitKey())
                : Optional.ofNullable(byId.get(type)).map(CoordinatorRecordType::newRecordKey);
    }

    @Override
    public ApiMessage newValue(short type) {
        short current = type == LEGACY_OFFSET_COMMIT ? CoordinatorRecordType.OFFSET_COMMIT.id() : type;
        return CoordinatorRecordType.fromId(current).newRecordValue();
    }
}
