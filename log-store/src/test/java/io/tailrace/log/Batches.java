// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tailrace.protocol.record.RecordBatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** Builds record batches for tests with what Kafka's own producer builds them with. */
public final class Batches {

    public static final long TIMESTAMP = 1_700_000_000_000L;

    private Batches() {}

    /** Records {@code key0=value}, … with increasing timestamps. */
    public static SimpleRecord[] records(int count) {
        var records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = record(TIMESTAMP + i, "key" + i, "value" + i);
        }
        return records;
    }

    public static SimpleRecord record(long timestamp, @Nullable String key, @Nullable String value) {
        return new SimpleRecord(
                timestamp, key == null ? null : key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    /** One batch of records without keys, all of that time, off the heap as it comes from a socket. */
    public static ByteBuffer of(long timestampMs, String... values) {
        var records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = record(timestampMs, null, values[i]);
        }
        return direct(plain(CompressionType.NONE, records));
    }

    public static ByteBuffer plain(CompressionType codec, SimpleRecord... records) {
        return MemoryRecords.withRecords(Compression.of(codec).build(), records).buffer();
    }

    public static ByteBuffer plain(int count) {
        return plain(CompressionType.NONE, records(count));
    }

    public static ByteBuffer at(long baseOffset, int leaderEpoch, SimpleRecord... records) {
        return MemoryRecords.withRecords(baseOffset, Compression.NONE, leaderEpoch, records)
                .buffer();
    }

    public static ByteBuffer idempotent(long producerId, int epoch, int sequence, int count) {
        return MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producerId, (short) epoch, sequence, records(count))
                .buffer();
    }

    public static ByteBuffer idempotent(long producerId, int epoch, int sequence, SimpleRecord... records) {
        return MemoryRecords.withIdempotentRecords(Compression.NONE, producerId, (short) epoch, sequence, records)
                .buffer();
    }

    public static ByteBuffer transactional(long producerId, int epoch, int sequence, SimpleRecord... records) {
        return MemoryRecords.withTransactionalRecords(Compression.NONE, producerId, (short) epoch, sequence, records)
                .buffer();
    }

    public static ByteBuffer transactional(long producerId, int epoch, int sequence, int count) {
        return transactional(producerId, epoch, sequence, records(count));
    }

    public static ByteBuffer marker(long producerId, int epoch, boolean abort, int coordinatorEpoch) {
        var type = abort ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
        return MemoryRecords.withEndTransactionMarker(
                        TIMESTAMP, producerId, (short) epoch, new EndTransactionMarker(type, coordinatorEpoch))
                .buffer();
    }

    /** The same bytes off the heap. */
    public static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining())
                .put(bytes.duplicate())
                .flip();
    }

    public static ByteBuffer concat(ByteBuffer... parts) {
        int size = 0;
        for (ByteBuffer part : parts) {
            size += part.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }

    /** A view on the first batch, moved to {@code baseOffset}. */
    public static RecordBatchView view(ByteBuffer batch, long baseOffset) {
        var view = new RecordBatchView();
        view.over(batch).next();
        view.setBaseOffset(baseOffset);
        return view;
    }

    public static RecordBatchView view(ByteBuffer batch) {
        var view = new RecordBatchView();
        view.over(batch).next();
        return view;
    }

    /** All records as {@code offset:key=value}, read by Kafka's classes, CRC checked. */
    public static List<String> read(ByteBuffer batches) {
        var all = new ArrayList<String>();
        MemoryRecords.readableRecords(batches.duplicate()).batches().forEach(batch -> {
            batch.ensureValid();
            for (Record record : batch) {
                all.add(record.offset() + ":" + text(record.key()) + "=" + text(record.value()));
            }
        });
        return all;
    }

    public static @Nullable String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : UTF_8.decode(bytes.duplicate()).toString();
    }
}
