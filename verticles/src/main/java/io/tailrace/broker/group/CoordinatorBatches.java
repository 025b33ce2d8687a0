// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.coordinator.EncodedRecord;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Makes record batches of what coordinators write. */
final class CoordinatorBatches {

    /** Header of a batch. */
    private static final int BATCH_OVERHEAD_BYTES = 128;

    private CoordinatorBatches() {}

    static ByteBuffer encode(Batch batch) {
        return switch (batch) {
            case Batch.Records records -> encode(records);
            case Batch.Marker marker ->
                MemoryRecords.withEndTransactionMarker(
                                0L,
                                marker.timestampMs(),
                                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                                marker.producerId(),
                                marker.producerEpoch(),
                                new EndTransactionMarker(
                                        marker.committed() ? ControlRecordType.COMMIT : ControlRecordType.ABORT,
                                        marker.coordinatorEpoch()))
                        .buffer();
        };
    }

    private static ByteBuffer encode(Batch.Records batch) {
        int bytes = BATCH_OVERHEAD_BYTES
                + batch.records().stream().mapToInt(EncodedRecord::sizeBytes).sum();
        try (MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(bytes),
                RecordBatch.CURRENT_MAGIC_VALUE,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                0L,
                batch.timestampMs(),
                batch.producerId(),
                batch.producerEpoch(),
                RecordBatch.NO_SEQUENCE,
                batch.transactional(),
                RecordBatch.NO_PARTITION_LEADER_EPOCH)) {
            batch.records().forEach(record -> builder.append(batch.timestampMs(), record.key(), record.value()));
            return builder.build().buffer();
        }
    }
}
