// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the records of one coordinator topic in Apache Kafka's own layout.
 *
 * <pre>
 *   key    int16 record type | key message, version 0
 *   value  int16 version     | value message in that version         (no value at all: a tombstone)
 * </pre>
 *
 * <p>Both numbers are big-endian. Record type 1 is an OffsetCommitKey and type 2 a GroupMetadataKey; type 0 is an OffsetCommitKey of
 * Kafka 0.8 with the same fields. Stateless but for its table of types; any thread may use it.
 */
public final class CoordinatorRecordCodec {

    /** Which classes a topic's record types have. */
    public interface Types {
        /** An empty key of this type; empty if the type is not known. */
        Optional<ApiMessage> newKey(short type);

        /** An empty value of this type, known to have a key. */
        ApiMessage newValue(short type);
    }

    private final Types types;

    public CoordinatorRecordCodec(Types types) {
        this.types = types;
    }

    public EncodedRecord encode(CoordinatorRecord record) {
        ApiMessage value = record.value();
        return new EncodedRecord(
                bytes(MessageUtil.toCoordinatorTypePrefixedByteBuffer(record.key())),
                value == null ? null : bytes(MessageUtil.toVersionPrefixedByteBuffer(record.valueVersion(), value)));
    }

    /**
     * Reads one record.
     *
     * @return empty if its type, or the version of its value, is newer than this code: a later release wrote it, and it is left alone
     * @throws RuntimeException if the bytes are not what the type says
     */
    public Optional<CoordinatorRecord> decode(ByteBuffer key, @Nullable ByteBuffer value) {
        ByteBuffer keyBytes = key.duplicate();
        short type = keyBytes.getShort();
        Optional<ApiMessage> newKey = types.newKey(type);
        if (newKey.isEmpty()) {
            return Optional.empty();
        }
        ApiMessage keyMessage = newKey.get();
        keyMessage.read(new ByteBufferAccessor(keyBytes), (short) 0);
        if (value == null) {
            return Optional.of(CoordinatorRecord.tombstone(keyMessage));
        }
        ByteBuffer valueBytes = value.duplicate();
        short version = valueBytes.getShort();
        ApiMessage valueMessage = types.newValue(type);
        if (version < valueMessage.lowestSupportedVersion() || version > valueMessage.highestSupportedVersion()) {
            return Optional.empty();
        }
        valueMessage.read(new ByteBufferAccessor(valueBytes), version);
        return Optional.of(CoordinatorRecord.of(keyMessage, valueMessage, version));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
