// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read.AbortedTransaction;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.tailrace.gateway.wire.SharedDecoder.Pass;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches go out as they are, whole, and only those that are for readers of committed records. */
final class StoredBatchesTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 3);
    private static final Credit.Grant PLENTY = new Credit.Grant(1000, 1 << 20);
    private static final Credit.Grant LITTLE = new Credit.Grant(7, 1 << 20);

    @Test
    void givesTheVeryBytesWithoutACopyOfThem() {
        ByteBuffer log = log(batch(0, 7, 5), batch(5, 7, 3));

        Chunk<Buffer> chunk = alone(log, Position.at(0), PLENTY);

        Frame frame = new Frame(chunk);
        assertThat(frame.partition).isEqualTo(3);
        assertThat(frame.next).isEqualTo(8);
        assertThat(frame.records).isEqualTo(chunk.recordCount()).isEqualTo(8);
        assertThat(chunk.bytes()).isEqualTo(log.remaining());
        assertThat(frame.batches).isEqualTo(log);
        assertThat(ResumeToken.parse(frame.token).orElseThrow().marks())
                .containsExactly(new ResumeToken.Mark(3, new Position(8, 7), 2));
        log.put(log.limit() - 1, (byte) ~log.get(log.limit() - 1));
        assertThat(new Frame(chunk).batches).as("shared with the log's own").isEqualTo(log);
    }

    @Test
    void aBatchComesWholeToWhoStandsInTheMiddleOfIt() {
        ByteBuffer log = log(batch(10, 7, 5), batch(15, 7, 5));

        Chunk<Buffer> chunk = alone(log, Position.at(12), PLENTY);

        assertThat(chunk.from()).isEqualTo(Position.at(12));
        assertThat(new Frame(chunk).offsets()).isEqualTo(offsets(10, 20));
    }

    @Test
    void endsBeforeTheBatchThatIsMoreThanGrantedUnlessItIsTheFirst() {
        ByteBuffer log = log(batch(0, 7, 5), batch(5, 7, 2), batch(7, 7, 1), batch(8, 7, 9));

        Chunk<Buffer> first = alone(log, Position.at(0), LITTLE);
        assertThat(new Frame(first).offsets()).isEqualTo(offsets(0, 7));
        assertThat(new Frame(alone(log, first.next(), LITTLE)).offsets()).isEqualTo(offsets(7, 8));
        assertThat(new Frame(alone(log, Position.at(8), LITTLE)).offsets()).isEqualTo(offsets(8, 17));
        int size = batch(0, 7, 5).remaining();
        assertThat(alone(log, Position.at(0), new Credit.Grant(1000, size)).recordCount())
                .isEqualTo(5);
        assertThat(alone(log, Position.at(0), new Credit.Grant(1000, 1)).recordCount())
                .isEqualTo(5);
    }

    @Test
    void leavesOutAbortedTransactionsAndMarkersAndMovesOn() {
        ByteBuffer log = log(
                transactional(0, 42, 2),
                transactional(2, 43, 2),
                batch(4, 7, 1),
                marker(5, 42, ControlRecordType.ABORT),
                transactional(6, 42, 1),
                marker(7, 43, ControlRecordType.COMMIT),
                marker(8, 42, ControlRecordType.COMMIT));
        List<AbortedTransaction> aborted = List.of(new AbortedTransaction(42, 0));

        Chunk<Buffer> chunk = alone(log, Position.at(0), PLENTY, aborted);

        assertThat(new Frame(chunk).offsets()).containsExactly(2L, 3L, 4L, 6L);
        assertThat(chunk.recordCount()).isEqualTo(4);
        assertThat(chunk.next().offset()).isEqualTo(9);
        Chunk<Buffer> nothing = alone(log(marker(5, 42, ControlRecordType.ABORT)), Position.at(5), PLENTY);
        assertThat(nothing.isEmpty()).isTrue();
        assertThat(nothing.next().offset()).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void showsTheRecordsOfCommittedTransactionsWhereverItBegins(long seed) {
        Random random = new Random(seed);
        List<ByteBuffer> batches = new ArrayList<>();
        List<Long> visible = new ArrayList<>();
        Map<Long, List<Long>> open = new HashMap<>();
        Map<AbortedTransaction, Long> abortedUntil = new LinkedHashMap<>();
        long end = 0;
        while (end < 300) {
            long producer = random.nextInt(4);
            int count = 1 + random.nextInt(5);
            List<Long> mine = open.get(producer);
            if (producer == 0) {
                batches.add(batch(end, 7, count));
                visible.addAll(offsets(end, end + count));
            } else if (mine == null || random.nextInt(3) > 0) {
                batches.add(transactional(end, producer, count));
                open.computeIfAbsent(producer, it -> new ArrayList<>()).addAll(offsets(end, end + count));
            } else {
                boolean aborts = random.nextBoolean();
                count = 1;
                batches.add(marker(end, producer, aborts ? ControlRecordType.ABORT : ControlRecordType.COMMIT));
                if (aborts) {
                    abortedUntil.put(new AbortedTransaction(producer, mine.get(0)), end);
                } else {
                    visible.addAll(mine);
                }
                open.remove(producer);
            }
            end += count;
        }
        // What is open is behind the last stable offset, and no reader of committed records sees that, or what follows.
        long stable = open.values().stream().mapToLong(it -> it.get(0)).min().orElse(end);
        batches.removeIf(it -> batchOf(it).baseOffset() >= stable);
        visible.removeIf(offset -> offset >= stable);
        visible.sort(null);

        for (long from = 0; from < stable; from += 7) {
            long begin = from;
            List<Long> shown = new ArrayList<>();
            for (Position at = Position.at(begin); at.offset() < stable; ) {
                long place = at.offset();
                ByteBuffer log = log(batches.stream()
                        .filter(it -> batchOf(it).lastOffset() >= place)
                        .toArray(ByteBuffer[]::new));
                List<AbortedTransaction> aborted = abortedUntil.entrySet().stream()
                        .filter(it -> it.getValue() >= place && it.getKey().firstOffset() < stable)
                        .map(Map.Entry::getKey)
                        .sorted(Comparator.comparingLong(AbortedTransaction::firstOffset))
                        .toList();
                Chunk<Buffer> chunk = alone(log, at, new Credit.Grant(50, 1 << 20), aborted);
                if (!chunk.isEmpty()) {
                    new Frame(chunk)
                            .offsets().stream().filter(it -> it >= place).forEach(shown::add);
                }
                at = chunk.next();
            }
            assertThat(shown)
                    .as("from %d", begin)
                    .isEqualTo(visible.stream().filter(it -> it >= begin).toList());
        }
    }

    private static RecordBatch batchOf(ByteBuffer bytes) {
        return MemoryRecords.readableRecords(bytes).batches().iterator().next();
    }

    @Test
    void leavesOutWhatCompactionHasEmptied() {
        ByteBuffer empty = ByteBuffer.allocate(100);
        DefaultRecordBatch.writeEmptyHeader(
                empty, (byte) 2, 42L, (short) 0, 0, 0, 9, 3, TimestampType.CREATE_TIME, 5, false, false);
        Chunk<Buffer> chunk = alone(log(empty.flip(), batch(10, 7, 2)), Position.at(0), PLENTY);

        assertThat(new Frame(chunk).offsets()).containsExactly(10L, 11L);
        assertThat(new Frame(chunk).batches).isEqualTo(batch(10, 7, 2));
    }

    @Test
    void whatLiesBeforeThePlaceIsNotGoneOnFrom() {
        Reader reader = new Reader(View.STORED, Position.at(5), PLENTY);

        BacklogDecoder.Pass pass =
                BacklogDecoder.decode(PARTITION, List.of(reader), reader.from(), List.of(), batch(0, 7, 5));

        assertThat(pass.next()).isEqualTo(Position.at(5));
        assertThat(pass.chunks()).isEmpty();
    }

    @Test
    void eachOfManyGetsWhatItsPlaceAndGrantAskForOfOneReading() {
        ByteBuffer log = log(batch(0, 7, 5), batch(5, 8, 5), batch(12, 8, 5));
        Reader first = new Reader(View.STORED, new Position(0, 3), LITTLE);
        Reader inside = new Reader(View.STORED, new Position(7, 8), PLENTY);
        Reader atABorder = new Reader(View.STORED, new Position(5, 7), PLENTY);
        Reader inAHole = new Reader(View.STORED, new Position(11, 8), PLENTY);
        Reader ofAnotherLog = new Reader(View.STORED, new Position(5, 8), PLENTY);
        Reader likewise = new Reader(View.STORED, new Position(8, 7), PLENTY);
        Reader unsure = new Reader(View.STORED, Position.at(16), PLENTY);
        Reader behind = new Reader(View.STORED, Position.at(17), PLENTY);

        BacklogDecoder.Pass pass = BacklogDecoder.decode(
                PARTITION,
                List.of(behind, first, inside, atABorder, inAHole, ofAnotherLog, likewise, unsure),
                first.from(),
                List.of(),
                log);

        assertThat(pass.next()).isEqualTo(new Position(17, 8));
        assertThat(pass.chunks()).containsOnlyKeys(first, inside, atABorder, inAHole, unsure);
        assertThat(new Frame(pass.chunks().get(first)).offsets()).isEqualTo(offsets(0, 5));
        assertThat(pass.chunks().get(first).next()).isEqualTo(new Position(5, 7));
        assertThat(new Frame(pass.chunks().get(inside)).offsets())
                .containsExactly(5L, 6L, 7L, 8L, 9L, 12L, 13L, 14L, 15L, 16L);
        assertThat(new Frame(pass.chunks().get(inAHole)).offsets()).isEqualTo(offsets(12, 17));
        assertThat(new Frame(pass.chunks().get(unsure)).offsets()).isEqualTo(offsets(12, 17));
    }

    @Test
    void atTheEndNobodyOpensABatchThatIsOnlyForwarded() {
        ByteBuffer log = log(batch(0, 7, 5), batch(5, 7, 5));
        for (int i = 61; i < log.limit() / 2; i++) {
            log.put(i, (byte) 0xFF); // no record can be read of that
        }

        Pass pass = pass(List.of(View.STORED), log, Position.at(2), LITTLE);

        assertThat(pass.next()).isEqualTo(new Position(10, 7));
        assertThat(pass.left()).isEmpty();
        assertThat(pass.chunks().get(View.STORED).stream().map(Chunk::recordCount))
                .containsExactly(5, 5);
        assertThat(pass.chunks().get(View.STORED).get(1).from()).isEqualTo(new Position(5, 7));
    }

    @Test
    void atTheEndThoseWhoWantRecordsAndThoseWhoWantBatchesGetTheSame() {
        ByteBuffer log = log(batch(0, 7, 5), batch(5, 7, 5));
        View all = View.all(Encoding.BINARY_FRAME);

        Pass pass = pass(List.of(all, View.STORED), log, Position.at(2), PLENTY);

        assertThat(pass.next()).isEqualTo(new Position(10, 7));
        assertThat(pass.chunks()).containsOnlyKeys(all, View.STORED);
        assertThat(pass.chunks().get(all).get(0).recordCount()).isEqualTo(8);
        assertThat(new Frame(pass.chunks().get(View.STORED).get(0)).offsets()).isEqualTo(offsets(0, 10));
        assertThat(pass.left()).isEmpty();
    }

    @Test
    void whoWantsBatchesIsLeftBeforeTheOneThatAPassEndsWithin() {
        SimpleRecord[] large = IntStream.range(0, 40)
                .mapToObj(i -> new SimpleRecord(i, new byte[64 * 1024]))
                .toArray(SimpleRecord[]::new);
        ByteBuffer log = log(
                batch(0, 7, 5),
                MemoryRecords.withRecords(5, Compression.NONE, 7, large).buffer());

        Pass pass = pass(List.of(View.all(Encoding.JSON_FRAME), View.STORED), log, Position.at(0), PLENTY);

        assertThat(pass.next().offset()).isBetween(6L, 44L);
        assertThat(new Frame(pass.chunks().get(View.STORED).get(0)).offsets()).isEqualTo(offsets(0, 5));
        assertThat(pass.left()).containsOnlyKeys(View.STORED).containsValue(new Position(5, 7));
    }

    @Test
    void forgetsWhoWantedBatches() {
        Interests interests = new Interests();
        interests.add(View.STORED);
        interests.add(View.all(Encoding.EVENTS));
        interests.remove(View.STORED);

        Pass pass = new SharedDecoder(PARTITION, interests, Position.at(0), PLENTY, List.of()).decode(batch(0, 7, 5));

        assertThat(pass.chunks()).containsOnlyKeys(View.all(Encoding.EVENTS));
    }

    /** A frame without its head, as the protocol has it. */
    private static final class Frame {
        private final long partition;
        private final long next;
        private final long records;
        private final String token;
        private final ByteBuffer batches;

        Frame(Chunk<Buffer> chunk) {
            ByteBuffer in = ByteBuffer.wrap(chunk.body().getBytes());
            partition = number(in);
            next = number(in);
            records = number(in);
            byte[] text = new byte[(int) number(in)];
            in.get(text);
            token = new String(text, StandardCharsets.US_ASCII);
            assertThat(number(in)).as("bytes").isEqualTo(chunk.bytes()).isEqualTo(in.remaining());
            batches = in.slice();
        }

        private static long number(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                int octet = in.get();
                value |= (long) (octet & 0x7F) << shift;
                if (octet >= 0) {
                    return value;
                }
            }
        }

        List<Long> offsets() {
            return StreamSupport.stream(
                            MemoryRecords.readableRecords(batches).records().spliterator(), false)
                    .map(Record::offset)
                    .toList();
        }
    }

    private static Chunk<Buffer> alone(ByteBuffer log, Position from, Credit.Grant grant) {
        return alone(log, from, grant, List.of());
    }

    private static Chunk<Buffer> alone(
            ByteBuffer log, Position from, Credit.Grant grant, List<AbortedTransaction> aborted) {
        Reader reader = new Reader(View.STORED, from, grant);
        return BacklogDecoder.decode(PARTITION, List.of(reader), from, aborted, log)
                .chunks()
                .get(reader);
    }

    private static Pass pass(List<View> views, ByteBuffer log, Position from, Credit.Grant chunk) {
        Interests interests = new Interests();
        views.forEach(interests::add);
        return new SharedDecoder(PARTITION, interests, from, chunk, List.of()).decode(log);
    }

    private static List<Long> offsets(long from, long to) {
        List<Long> offsets = new ArrayList<>();
        for (long offset = from; offset < to; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    private static ByteBuffer batch(long offset, int epoch, int count) {
        return MemoryRecords.withRecords(offset, Compression.gzip().build(), epoch, records(count))
                .buffer();
    }

    private static ByteBuffer transactional(long offset, long producer, int count) {
        return MemoryRecords.withTransactionalRecords(
                        offset, Compression.NONE, producer, (short) 0, 0, 7, records(count))
                .buffer();
    }

    private static ByteBuffer marker(long offset, long producer, ControlRecordType type) {
        return MemoryRecords.withEndTransactionMarker(
                        offset, 0, 7, producer, (short) 0, new EndTransactionMarker(type, 0))
                .buffer();
    }

    private static SimpleRecord[] records(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SimpleRecord(i, ("value " + i).getBytes(StandardCharsets.UTF_8)))
                .toArray(SimpleRecord[]::new);
    }

    private static ByteBuffer log(ByteBuffer... batches) {
        ByteBuffer log = ByteBuffer.allocate(
                Stream.of(batches).mapToInt(ByteBuffer::remaining).sum());
        for (ByteBuffer batch : batches) {
            log.put(batch.duplicate());
        }
        return log.flip();
    }
}
