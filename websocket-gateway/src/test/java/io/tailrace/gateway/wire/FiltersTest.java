// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FiltersTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 0);

    /** Offset 0 to 4. */
    private static final MemoryRecords RECORDS = MemoryRecords.withRecords(
            Compression.NONE,
            record("user-1", "{\"name\":\"mira\",\"total\":12.5,\"items\":[{\"sku\":\"a\"}]}", "created"),
            record("user-2", "{\"name\":\"jonas\",\"total\":100,\"paid\":true}", "created"),
            record("order-1", "{\"name\":null,\"total\":9007199254740993}", "deleted"),
            record(null, "no JSON", "created"),
            new SimpleRecord(0, null, (byte[]) null));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}                                             | 0 1 2 3 4",
                "{\"key\":\"user-1\"}                             | 0",
                "{\"keyPrefix\":\"user-\"}                        | 0 1",
                "{\"headers\":{\"type\":\"created\"}}             | 0 1 3",
                "{\"headers\":{\"type\":\"created\"},\"key\":\"user-2\"} | 1",
                "{\"json\":{\"name\":\"mira\"}}                   | 0",
                "{\"json\":{\"name\":null}}                       | 2",
                "{\"json\":{\"paid\":true}}                       | 1",
                "{\"json\":{\"items.0.sku\":\"a\"}}               | 0",
                "{\"json\":{\"total\":{\"gt\":12,\"lt\":101}}}    | 0 1",
                "{\"json\":{\"total\":{\"ge\":100}}}              | 1 2",
                "{\"json\":{\"total\":9007199254740992}}          | none",
                "{\"json\":{\"name\":{\"ne\":\"mira\"}}}          | 1 2",
                "{\"json\":{\"name\":{\"prefix\":\"jo\"}}}        | 1",
                "{\"json\":{\"name\":{\"le\":\"jonas\"}}}         | 1",
                "{\"json\":{\"nothing\":{\"ne\":1}}}              | none"
            })
    void showsTheRecordsThatFitAndPassesTheOthersOver(String filter, String offsets) {
        List<Chunk<Buffer>> chunks = decode(filter);

        assertThat(chunks).hasSize(1);
        assertThat(chunks.get(0).next().offset()).isEqualTo(5);
        assertThat(shown(chunks.get(0))).isEqualTo(offsets);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"keys\":\"a\"}",
                "{\"key\":5}",
                "{\"key\":null}",
                "{\"json\":{\"a\":{\"like\":1}}}",
                "{\"json\":{\"a\":{\"lt\":true}}}",
                "{\"json\":{\"a\":[1]}}",
                "{\"json\":{\"\":1}}",
                "[]"
            })
    void refusesWhatItCannotDo(String filter) {
        assertThatThrownBy(() -> Filters.parse(filter)).isInstanceOf(BadFrameException.class);
    }

    @Test
    void filtersThatSayTheSameAreEqualSoThatTheirReadersShare() {
        assertThat(new View(Encoding.JSON_FRAME, Filters.parse("{\"key\":\"a\",\"json\":{\"b\":1}}")))
                .isEqualTo(new View(
                        Encoding.JSON_FRAME, Filters.parse("{ \"json\":{\"b\":1}, \"key\":{\"base64\":\"YQ==\"}}")))
                .isNotEqualTo(View.all(Encoding.JSON_FRAME));
    }

    private static List<Chunk<Buffer>> decode(String filter) {
        View view = new View(Encoding.JSON_FRAME, Filters.parse(filter));
        return new OneReader(PARTITION, view, Position.at(0), new Credit.Grant(100, 1 << 20), List.of())
                .decode(RECORDS.buffer().duplicate(), 1);
    }

    private static String shown(Chunk<Buffer> chunk) {
        if (chunk.isEmpty()) {
            return "none";
        }
        StringBuilder offsets = new StringBuilder();
        new JsonObject("{" + chunk.body()).getJsonArray("records").forEach(record -> offsets.append(
                        offsets.isEmpty() ? "" : " ")
                .append(((JsonObject) record).getLong("offset")));
        return offsets.toString();
    }

    private static SimpleRecord record(String key, String value, String type) {
        Header[] headers = {new RecordHeader("type", type.getBytes(StandardCharsets.UTF_8))};
        return new SimpleRecord(
                0,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8),
                headers);
    }
}
