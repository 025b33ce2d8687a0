// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * What one request changes, as it is being decided: the records, and the image as it will be once they are committed. Later items of the
 * request are decided against what the earlier ones did.
 *
 * <p>Records are kept in units. A unit goes into one log entry, so it happens whole or not at all; different units may end up in different
 * entries.
 */
final class Draft {

    /** No unit is longer, in bytes, and no log entry much longer: the log's buffers are made for twice this. */
    static final int UNIT_BYTES_MAX = 1 << 20;

    private final List<byte[]> units = new ArrayList<>();
    private ClusterImage image;

    Draft(ClusterImage image) {
        this.image = image;
    }

    /** With all that was emitted so far. */
    ClusterImage image() {
        return image;
    }

    List<byte[]> units() {
        return units;
    }

    /** Takes a unit, or refuses it for its size. */
    Outcome emit(MetadataRecord... records) {
        return emit(List.of(records));
    }

    Outcome emit(List<? extends MetadataRecord> records) {
        if (records.isEmpty()) {
            return Outcome.ok();
        }
        byte[] unit = join(records.stream().map(MetadataRecordCodec::encode).toList());
        if (unit.length > UNIT_BYTES_MAX) {
            return Outcome.refused(
                    Errors.POLICY_VIOLATION,
                    "The change takes " + unit.length + " bytes of metadata; at most " + UNIT_BYTES_MAX
                            + " can be changed at once.");
        }
        units.add(unit);
        image = ImageBuilder.apply(image, records);
        return Outcome.ok();
    }

    /** Takes each record as a unit of its own; only for records of a known small size. */
    void emitEach(List<? extends MetadataRecord> records) {
        for (MetadataRecord record : records) {
            units.add(MetadataRecordCodec.encode(record));
        }
        image = ImageBuilder.apply(image, records);
    }

    private static byte[] join(List<byte[]> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        ByteWriter all =
                new ByteWriter(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(all::raw);
        return all.toBytes();
    }
}
