// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConflatingDecoderTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 3);

    @Test
    void givesTheLastOfEachKeyInTheOrderOfOffsets() {
        MemoryRecords batch = MemoryRecords.withRecords(
                Compression.gzip().build(),
                record("a", "1"),
                record("b", "2"),
                record("a", "3"),
                record(null, "4"),
                record("c", "5"),
                record("b", null),
                record(null, "6"));

        Chunk<Buffer> chunk = decode(batch, 0, new Credit.Grant(100, 10_000)).get(0);

        assertThat(chunk.next().offset()).isEqualTo(7);
        assertThat(chunk.recordCount()).isEqualTo(4);
        assertThat(records(chunk).stream().map(it -> ((JsonObject) it).getLong("offset")))
                .containsExactly(2L, 4L, 5L, 6L);
        assertThat(records(chunk).getJsonObject(2).getValue("value"))
                .as("deleted")
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void neverGivesMoreThanTheGrantAndEndsWithTheSameTable(long seed) {
        Random random = new Random(seed);
        SimpleRecord[] all = new SimpleRecord[2_000];
        Map<String, String> table = new TreeMap<>();
        for (int i = 0; i < all.length; i++) {
            String key = "k" + random.nextInt(50);
            table.put(key, Integer.toString(i));
            all[i] = record(key, Integer.toString(i));
        }
        MemoryRecords batch = MemoryRecords.withRecords(Compression.NONE, all);

        Map<String, String> seen = new TreeMap<>();
        long at = 0;
        int delivered = 0;
        while (at < all.length) {
            Credit.Grant grant = new Credit.Grant(1 + random.nextInt(40), 1 + random.nextInt(400));
            Chunk<Buffer> chunk = decode(batch, at, grant).get(0);
            assertThat(chunk.from().offset()).isEqualTo(at);
            assertThat(chunk.recordCount()).isLessThanOrEqualTo(grant.records());
            assertThat(chunk.recordCount() == 1 || chunk.bytes() <= grant.bytes())
                    .isTrue();
            records(chunk)
                    .forEach(it -> seen.put(((JsonObject) it).getString("key"), ((JsonObject) it).getString("value")));
            at = chunk.next().offset();
            delivered += chunk.recordCount();
        }
        assertThat(seen).isEqualTo(table);
        assertThat(delivered).isLessThan(all.length);
    }

    private static List<Chunk<Buffer>> decode(MemoryRecords batch, long from, Credit.Grant grant) {
        return new ConflatingDecoder(PARTITION, View.all(Encoding.JSON_FRAME), Position.at(from), grant, List.of())
                .decode(batch.buffer());
    }

    private static JsonArray records(Chunk<Buffer> chunk) {
        return new JsonObject("{" + chunk.body()).getJsonArray("records");
    }

    private static SimpleRecord record(String key, String value) {
        return new SimpleRecord(0, bytes(key), bytes(value));
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
