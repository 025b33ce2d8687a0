// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** How records are written; the same bytes go to every subscriber that wants this form. */
public enum Encoding {

    /** The rest of a data frame, behind what differs from one subscriber to the next. */
    JSON_FRAME {
        @Override
        void begin(FrameBytes out, int partition) {
            out.raw("\"partition\":").number(partition).raw(",\"records\":[");
        }

        @Override
        void separate(FrameBytes out) {
            out.raw(",");
        }

        @Override
        void record(FrameBytes out, int partition, Record record) {
            out.raw("{");
            fields(out, record);
            out.raw("}");
        }

        @Override
        Buffer end(FrameBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
            ResumeToken token = new ResumeToken(topicId, List.of(new ResumeToken.Mark(partition, next, timestampMs)));
            return out.raw("],\"next\":")
                    .number(next.offset())
                    .raw(",\"bytes\":")
                    .number(bytes)
                    .raw(",\"token\":\"")
                    .raw(token.text())
                    .raw("\"}")
                    .take();
        }
    },

    /** The rest of a binary data frame, likewise; see {@link BinaryFrames}. */
    BINARY_FRAME {
        @Override
        void begin(FrameBytes out, int partition) {
            out.varint(partition);
        }

        @Override
        void record(FrameBytes out, int partition, Record record) {
            BinaryRecord.write(out, record);
        }

        @Override
        Buffer end(FrameBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
            ResumeToken token = new ResumeToken(topicId, List.of(new ResumeToken.Mark(partition, next, timestampMs)));
            return out.octet(0)
                    .varint(next.offset())
                    .varint(bytes)
                    .blobText(token.text().getBytes(StandardCharsets.US_ASCII))
                    .take();
        }
    },

    /** Server-sent events, one for each record. */
    EVENTS {
        @Override
        void record(FrameBytes out, int partition, Record record) {
            out.raw("data: {\"partition\":").number(partition).raw(",");
            fields(out, record);
            out.raw("}\n\n");
        }

        @Override
        Buffer end(FrameBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
            return out.take();
        }
    },

    /** As they are stored, in whole batches that nobody opens here; see {@link StoredBatches}, which writes them. */
    STORED {
        @Override
        void record(FrameBytes out, int partition, Record record) {
            throw new IllegalStateException("a batch is sent as it is stored");
        }

        @Override
        Buffer end(FrameBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
            throw new IllegalStateException("a batch is sent as it is stored");
        }
    };

    /** Before the first record of a chunk. */
    void begin(FrameBytes out, int partition) {}

    /** Between records. */
    void separate(FrameBytes out) {}

    /** One record; the same bytes wherever in a chunk it stands. */
    abstract void record(FrameBytes out, int partition, Record record);

    abstract Buffer end(FrameBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes);

    private static void fields(FrameBytes out, Record record) {
        out.raw("\"offset\":")
                .number(record.offset())
                .raw(",\"timestamp\":")
                .number(record.timestamp())
                .raw(",\"key\":")
                .value(record.key())
                .raw(",\"value\":")
                .value(record.value());
        Header[] headers = record.headers();
        for (int i = 0; i < headers.length; i++) {
            out.raw(i == 0 ? ",\"headers\":[[" : ",[").text(headers[i].key()).raw(",");
            byte[] value = headers[i].value();
            out.value(value == null ? null : java.nio.ByteBuffer.wrap(value)).raw("]");
        }
        out.raw(headers.length == 0 ? "" : "]");
    }
}
