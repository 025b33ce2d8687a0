// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;

/** How records are written; the same bytes go to every subscriber that wants this form. */
public enum Encoding {

    /** The rest of a data frame, behind what differs from one subscriber to the next. */
    JSON_FRAME {
        @Override
        void begin(JsonBytes out, int partition) {
            out.raw("\"partition\":").number(partition).raw(",\"records\":[");
        }

        @Override
        void separate(JsonBytes out) {
            out.raw(",");
        }

        @Override
        void record(JsonBytes out, int partition, Record record) {
            out.raw("{");
            fields(out, record);
            out.raw("}");
        }

        @Override
        Buffer end(JsonBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
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

    /** Server-sent events, one for each record. */
    EVENTS {
        @Override
        void record(JsonBytes out, int partition, Record record) {
            out.raw("data: {\"partition\":").number(partition).raw(",");
            fields(out, record);
            out.raw("}\n\n");
        }

        @Override
        Buffer end(JsonBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes) {
            return out.take();
        }
    };

    /** Before the first record of a chunk. */
    void begin(JsonBytes out, int partition) {}

    /** Between records. */
    void separate(JsonBytes out) {}

    /** One record; the same bytes wherever in a chunk it stands. */
    abstract void record(JsonBytes out, int partition, Record record);

    abstract Buffer end(JsonBytes out, Uuid topicId, int partition, Position next, long timestampMs, long bytes);

    private static void fields(JsonBytes out, Record record) {
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
