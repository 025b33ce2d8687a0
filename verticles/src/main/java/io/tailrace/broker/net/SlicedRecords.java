// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Records in a response that go to the socket without being copied: pieces of memory, pieces of files, in order.
 *
 * <p><b>Lifetime.</b> Belongs to the response that holds it from the moment a handler's future completes with that response. The listener
 * calls {@link #release()} exactly once: when the last byte has left for the socket, or when the connection died before. A handler that fails after it
 * made the records, releases them itself.
 *
 * <p><b>Threading.</b> {@link #sizeInBytes()} and {@link #writeTo} run on the event loop of the connection and must not block; so does
 * {@link #release()}.
 */
public interface SlicedRecords extends BaseRecords {

    /** Length in bytes; must equal the sum of what {@link #writeTo} hands over. */
    @Override
    int sizeInBytes();

    /** Hands over all parts; called at most once. */
    void writeTo(SliceSink sink);

    /** Gives back whatever keeps the parts alive. Idempotent implementations are welcome, but it is called once. */
    void release();

    /** Kafka's own way to send records, which this listener does not use. */
    @Override
    default RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("sliced records are written by the listener");
    }
}
