// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.log.disk.StorageException;
import io.tailrace.log.producer.TransactionTerms;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** What tests do with logs. */
public final class Logs {

    /** Segments of a thousand bytes, an index entry every hundred. */
    public static final LogConfig SMALL =
            LogConfig.from(Map.of(TopicSettings.INTERNAL_SEGMENT_BYTES, "1000", "index.interval.bytes", "100"));

    private Logs() {}

    public static AppendResult append(PartitionLog log, ByteBuffer batches) {
        int epoch = log.isOnline() ? Math.max(0, log.latestEpoch()) : 0;
        return log.append(batches, epoch, AppendOrigin.CLIENT, TransactionTerms.NONE, 0);
    }

    /** Ends the turn and syncs. */
    public static void commit(ShardLog shard) {
        TurnEnd end = shard.endTurn(0);
        assertThat(end.failures()).isEmpty();
        sync(shard, end.ticket());
    }

    public static void sync(ShardLog shard, SyncTicket ticket) {
        if (ticket.isEmpty()) {
            return;
        }
        try {
            ticket.sync();
        } catch (StorageException e) {
            shard.onSyncFailed(ticket, e);
            return;
        }
        shard.onSynced(ticket);
    }

    /** Removes every file whose delay is over. */
    public static void removeDue(ShardLog shard, long nowMs) {
        shard.tick(nowMs);
        for (RemovalTicket due = shard.removals(nowMs); !due.isEmpty(); due = shard.removals(nowMs)) {
            due.remove();
        }
    }

    /** Reads [from, to) in steps of {@code maxBytes} and checks that offsets are dense. */
    public static List<String> values(PartitionLog log, long from, long to, int maxBytes) {
        List<String> values = new ArrayList<>();
        long offset = from;
        while (offset < to) {
            LogRead read = log.read(offset, maxBytes, to, true);
            assertThat(read).isInstanceOf(LogRead.Records.class);
            LogRead.Records records = (LogRead.Records) read;
            assertThat(records.isEmpty()).as("nothing at %d of %s", offset, log).isFalse();
            for (Record record : MemoryRecords.readableRecords(copy(records)).records()) {
                if (record.offset() >= offset) {
                    assertThat(record.offset()).isEqualTo(offset);
                    values.add(value(record));
                    offset++;
                }
            }
            assertThat(offset).isEqualTo(records.endOffset());
            records.release();
        }
        return values;
    }

    static String value(Record record) {
        byte[] value = new byte[record.valueSize()];
        record.value().get(value);
        return new String(value, StandardCharsets.UTF_8);
    }

    public static ByteBuffer copy(LogRead.Records read) {
        ByteBuffer bytes = ByteBuffer.allocate(read.sizeBytes());
        read.slices().forEach(slice -> slice.copyTo(bytes));
        return bytes.flip();
    }
}
