// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

final class BacklogDecoderTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 3);
    private static final Credit.Grant PLENTY = new Credit.Grant(1000, 1 << 20);

    @Test
    void writesTextAsTextAndOtherBytesAsBase64() {
        Header[] headers = {new RecordHeader("h\"1", new byte[] {1, -1}), new RecordHeader("none", null)};
        JsonObject record = records(decode(
                                batch(
                                        0,
                                        new SimpleRecord(
                                                9,
                                                "k\u00e9\ud83d\ude00\"\\\n".getBytes(StandardCharsets.UTF_8),
                                                new byte[] {(byte) 0xC0, (byte) 0x80},
                                                headers)),
                                0,
                                PLENTY)
                        .get(0))
                .getJsonObject(0);

        assertThat(record.getLong("offset")).isZero();
        assertThat(record.getLong("timestamp")).isEqualTo(9);
        assertThat(record.getString("key")).isEqualTo("k\u00e9\ud83d\ude00\"\\\n");
        assertThat(record.getJsonObject("value").getString("base64")).isEqualTo("wIA=");
        assertThat(record.getJsonArray("headers").encode())
                .isEqualTo("[[\"h\\\"1\",{\"base64\":\"Af8=\"}],[\"none\",null]]");
    }

    @Test
    void beginsInTheMiddleOfACompressedBatch() {
        MemoryRecords batch = MemoryRecords.withRecords(10, Compression.gzip().build(), simple(5));

        List<Chunk<Buffer>> chunks = decode(batch, 12, PLENTY);

        assertThat(chunks).hasSize(1);
        assertThat(offsets(chunks.get(0))).containsExactly(12L, 13L, 14L);
        assertThat(chunks.get(0).next().offset()).isEqualTo(15);
    }

    @Test
    void cutsAtTheGrantAndGoesOnThere() {
        List<Chunk<Buffer>> chunks = new OneReader(
                        PARTITION,
                        View.all(Encoding.JSON_FRAME),
                        Position.at(0),
                        new Credit.Grant(2, 1 << 20),
                        List.of())
                .decode(batch(0, simple(5)).buffer(), 2);

        assertThat(chunks).hasSize(2);
        assertThat(offsets(chunks.get(0))).containsExactly(0L, 1L);
        assertThat(offsets(chunks.get(1))).containsExactly(2L, 3L);
        assertThat(chunks.get(1).from().offset()).isEqualTo(2);
        assertThat(chunks.get(1).next().offset()).isEqualTo(4);
    }

    @Test
    void aRecordLargerThanTheGrantComesAlone() {
        List<Chunk<Buffer>> chunks = decode(batch(0, simple(2)), 0, new Credit.Grant(10, 1));

        assertThat(offsets(chunks.get(0))).containsExactly(0L);
    }

    @Test
    void leavesOutAbortedRecordsAndMovesOn() {
        MemoryRecords batch =
                MemoryRecords.withTransactionalRecords(0L, Compression.NONE, 42L, (short) 0, 0, 0, simple(3));

        List<Chunk<Buffer>> chunks = new OneReader(
                        PARTITION,
                        View.all(Encoding.JSON_FRAME),
                        Position.at(0),
                        PLENTY,
                        List.of(new AbortedTransaction(42, 0)))
                .decode(batch.buffer(), 1);

        assertThat(chunks).hasSize(1);
        assertThat(chunks.get(0).isEmpty()).isTrue();
        assertThat(chunks.get(0).next().offset()).isEqualTo(3);
    }

    @Test
    void inCompanyEachGetsWhatItWouldHaveReadAlone() {
        Random random = new Random(7);
        MemoryRecords batches = MemoryRecords.withRecords(5, Compression.gzip().build(), 0, keyed(random, 400));
        List<View> views = List.of(
                View.all(Encoding.JSON_FRAME),
                View.all(Encoding.EVENTS),
                view("{\"key\":\"k1\"}"),
                view("{\"key\":\"k2\"}"),
                view("{\"key\":\"k1\",\"json\":{\"n\":{\"gt\":100}}}"),
                view("{\"keyPrefix\":\"k\"}"),
                view("{\"key\":\"nobody\"}"),
                new View(Encoding.JSON_FRAME, Filter.ALL, true));
        Set<Reader> readers = new LinkedHashSet<>();
        readers.add(new Reader(views.get(0), Position.at(5), PLENTY));
        for (int i = 0; i < 200; i++) {
            readers.add(new Reader(
                    views.get(random.nextInt(views.size())),
                    Position.at(5 + random.nextInt(400)),
                    new Credit.Grant(1 + random.nextInt(50), 1 + random.nextInt(1000))));
        }

        BacklogDecoder.Pass pass =
                new BacklogDecoder(PARTITION, readers, Position.at(5), List.of()).decode(batches.buffer());

        assertThat(pass.next().offset()).isEqualTo(405);
        assertThat(pass.chunks().keySet()).isEqualTo(readers);
        pass.chunks().forEach((reader, chunk) -> assertThat(chunk)
                .as("%s", reader)
                .isEqualTo(new OneReader(PARTITION, reader.view(), reader.from(), reader.grant(), List.of())
                        .decode(batches.buffer(), 1)
                        .get(0)));
    }

    @Test
    void whoStandsBehindTheBatchesGetsNothing() {
        Reader first = new Reader(View.all(Encoding.JSON_FRAME), Position.at(0), PLENTY);
        Reader atTheEnd = new Reader(View.all(Encoding.JSON_FRAME), Position.at(5), PLENTY);
        Reader behind = new Reader(View.all(Encoding.JSON_FRAME), Position.at(6), PLENTY);

        BacklogDecoder.Pass pass = new BacklogDecoder(
                        PARTITION, List.of(behind, first, atTheEnd), Position.at(0), List.of())
                .decode(batch(0, simple(5)).buffer());

        assertThat(pass.chunks()).containsOnlyKeys(first);
    }

    @Test
    void whoBelievesInAnotherEpochThanTheLogGetsNothing() {
        MemoryRecords batches = MemoryRecords.withRecords(0, Compression.NONE, 7, simple(5));
        Reader first = new Reader(View.all(Encoding.JSON_FRAME), new Position(0, 3), PLENTY);
        Reader same = new Reader(View.all(Encoding.JSON_FRAME), new Position(2, 7), PLENTY);
        Reader other = new Reader(View.all(Encoding.JSON_FRAME), new Position(2, 6), PLENTY);
        Reader unsure = new Reader(View.all(Encoding.JSON_FRAME), Position.at(3), PLENTY);

        BacklogDecoder.Pass pass = new BacklogDecoder(
                        PARTITION, List.of(first, same, other, unsure), first.from(), List.of())
                .decode(batches.buffer());

        assertThat(pass.chunks()).containsOnlyKeys(first, same, unsure);
        assertThat(offsets(pass.chunks().get(same))).containsExactly(2L, 3L, 4L);
    }

    @Test
    void oneLargeRecordIsNotEncodedWithoutBound() {
        List<Reader> readers = new ArrayList<>();
        for (int i = 1; i <= 30; i++) {
            readers.add(new Reader(view("{\"keyPrefix\":\"" + "x".repeat(i) + "\"}"), Position.at(0), PLENTY));
        }
        byte[] key = new byte[1 << 20];
        Arrays.fill(key, (byte) 'x');
        MemoryRecords batches = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(0, key, new byte[0]));

        BacklogDecoder.Pass pass =
                new BacklogDecoder(PARTITION, readers, Position.at(0), List.of()).decode(batches.buffer());

        assertThat(pass.next().offset()).isEqualTo(1);
        assertThat(pass.chunks()).hasSizeBetween(7, 9);
    }

    private static View view(String filter) {
        return new View(Encoding.JSON_FRAME, Filters.parse(filter));
    }

    private static SimpleRecord[] keyed(Random random, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SimpleRecord(
                        i,
                        ("k" + random.nextInt(4)).getBytes(StandardCharsets.UTF_8),
                        ("{\"n\":" + i + "}").getBytes(StandardCharsets.UTF_8)))
                .toArray(SimpleRecord[]::new);
    }

    @Test
    void tellsUtf8FromOtherBytes() {
        assertThat(utf8(0x7F)).isTrue();
        assertThat(utf8(0xC3, 0xA9)).isTrue();
        assertThat(utf8(0xF4, 0x8F, 0xBF, 0xBF)).isTrue();
        assertThat(utf8(0xC1, 0xBF)).as("overlong").isFalse();
        assertThat(utf8(0xE0, 0x9F, 0xBF)).as("overlong").isFalse();
        assertThat(utf8(0xED, 0xA0, 0x80)).as("surrogate").isFalse();
        assertThat(utf8(0xF4, 0x90, 0x80, 0x80)).as("above U+10FFFF").isFalse();
        assertThat(utf8(0xE2, 0x82)).as("cut short").isFalse();
        assertThat(utf8(0x80)).isFalse();
    }

    private static boolean utf8(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        return Utf8.isValid(buffer.flip());
    }

    private static List<Chunk<Buffer>> decode(MemoryRecords batch, long from, Credit.Grant grant) {
        return new OneReader(PARTITION, View.all(Encoding.JSON_FRAME), Position.at(from), grant, List.of())
                .decode(batch.buffer(), 1);
    }

    private static MemoryRecords batch(long offset, SimpleRecord... records) {
        return MemoryRecords.withRecords(offset, Compression.NONE, records);
    }

    private static SimpleRecord[] simple(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SimpleRecord(i, ("value " + i).getBytes(StandardCharsets.UTF_8)))
                .toArray(SimpleRecord[]::new);
    }

    private static JsonArray records(Chunk<Buffer> chunk) {
        return new JsonObject("{" + chunk.body()).getJsonArray("records");
    }

    private static List<Long> offsets(Chunk<Buffer> chunk) {
        return records(chunk).stream()
                .map(record -> ((JsonObject) record).getLong("offset"))
                .toList();
    }
}
