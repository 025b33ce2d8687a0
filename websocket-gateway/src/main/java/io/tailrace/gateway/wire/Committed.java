// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.cluster.bus.Read.AbortedTransaction;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * Tells which stored batches are for readers of committed records: not transaction markers, and not what an aborted transaction wrote. To be
 * asked about each batch of one read, in offset order.
 */
final class Committed {

    private final List<AbortedTransaction> aborted;
    private final Set<Long> aborting = new HashSet<>();
    private int abortedSeen;

    /** @param aborted as told by the read */
    Committed(List<AbortedTransaction> aborted) {
        this.aborted = aborted;
    }

    boolean hides(RecordBatch batch) {
        while (abortedSeen < aborted.size() && aborted.get(abortedSeen).firstOffset() <= batch.lastOffset()) {
            aborting.add(aborted.get(abortedSeen++).producerId());
        }
        if (batch.isControlBatch()) {
            if (isAbort(batch)) {
                aborting.remove(batch.producerId());
            }
            return true;
        }
        return batch.isTransactional() && aborting.contains(batch.producerId());
    }

    private static boolean isAbort(RecordBatch batch) {
        for (Record marker : batch) {
            return ControlRecordType.parse(marker.key()) == ControlRecordType.ABORT;
        }
        return false;
    }
}
