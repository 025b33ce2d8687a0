// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.SharedDecoder.Pass;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** All views at once must be what each of them would be alone. */
final class SharedDecoderTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 3);
    private static final Credit.Grant CHUNK = new Credit.Grant(20, 1 << 16);

    @Test
    void givesEachViewWhatItWouldHaveReadAlone() {
        List<View> views = List.of(
                View.all(Encoding.JSON_FRAME),
                View.all(Encoding.EVENTS),
                view("{\"key\":\"k1\"}"),
                view("{\"key\":\"k1\",\"json\":{\"n\":{\"gt\":100}}}"),
                view("{\"key\":\"k2\"}"),
                view("{\"keyPrefix\":\"k\"}"),
                view("{\"json\":{\"n\":7}}"),
                view("{\"key\":\"nobody\"}"),
                packed(View.all(Encoding.JSON_FRAME)),
                packed(view("{\"key\":\"k2\"}")));
        MemoryRecords batches = MemoryRecords.withRecords(Compression.gzip().build(), records(300));

        Pass pass = pass(views, batches, Position.at(5));

        assertThat(pass.next().offset()).isEqualTo(300);
        for (View view : views) {
            List<Chunk<Buffer>> alone =
                    new OneReader(PARTITION, view, Position.at(5), CHUNK, List.of()).decode(batches.buffer(), 100);
            List<Chunk<Buffer>> shared = pass.chunks().getOrDefault(view, List.of());
            if (alone.stream().allMatch(Chunk::isEmpty)) {
                assertThat(shared).isEmpty();
            } else {
                assertThat(shared).as("%s", view).isEqualTo(alone);
            }
        }
    }

    @Test
    void whatIsCompressedForSomeIsTheSameInside() throws Exception {
        for (Encoding encoding : List.of(Encoding.JSON_FRAME, Encoding.BINARY_FRAME)) {
            View plain = View.all(encoding);
            MemoryRecords batches = MemoryRecords.withRecords(Compression.gzip().build(), records(300));

            Pass pass = pass(List.of(packed(plain), plain), batches, Position.at(5));

            List<Chunk<Buffer>> smaller = pass.chunks().get(packed(plain));
            List<Chunk<Buffer>> chunks = pass.chunks().get(plain);
            assertThat(smaller).hasSameSizeAs(chunks);
            for (int i = 0; i < chunks.size(); i++) {
                assertThat(smaller.get(i).bytes()).isEqualTo(chunks.get(i).bytes());
                assertThat(smaller.get(i).body().length())
                        .isLessThan(chunks.get(i).body().length());
                assertThat(new Inflate().unpacked(smaller.get(i).body().getBytes(), 1 << 20))
                        .isEqualTo(chunks.get(i).body().getBytes());
            }
        }
    }

    private static View packed(View view) {
        return new View(view.encoding(), view.filter(), true);
    }

    @Test
    void endsEarlyWhenEnoughIsEncodedAndGoesOnThere() {
        SimpleRecord[] large = new SimpleRecord[40];
        for (int i = 0; i < large.length; i++) {
            large[i] = new SimpleRecord(i, text("k"), new byte[64 * 1024]);
        }
        MemoryRecords batches = MemoryRecords.withRecords(Compression.NONE, large);
        View all = View.all(Encoding.JSON_FRAME);

        Position at = Position.at(0);
        int records = 0;
        int passes = 0;
        while (at.offset() < large.length) {
            Pass pass = pass(List.of(all), batches, at);
            assertThat(pass.chunks().get(all).get(0).from()).isEqualTo(at);
            records +=
                    pass.chunks().get(all).stream().mapToInt(Chunk::recordCount).sum();
            at = pass.next();
            passes++;
        }
        assertThat(records).isEqualTo(large.length);
        assertThat(passes).isGreaterThan(1);
    }

    @Test
    void leavesViewsBehindRatherThanEncodeOneRecordWithoutBound() {
        List<View> views = new ArrayList<>();
        byte[] key = new byte[1 << 20];
        java.util.Arrays.fill(key, (byte) 'x');
        for (int i = 1; i <= 30; i++) {
            views.add(view("{\"keyPrefix\":\"" + "x".repeat(i) + "\"}"));
        }
        MemoryRecords batches = MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(0, text("a"), text("b")), new SimpleRecord(1, key, text("v")));

        Pass pass = pass(views, batches, Position.at(0));

        assertThat(pass.next().offset()).isEqualTo(2);
        assertThat(pass.chunks()).hasSizeBetween(15, 17);
        assertThat(pass.left())
                .hasSize(views.size() - pass.chunks().size())
                .allSatisfy((view, at) -> assertThat(at.offset()).isEqualTo(1));
    }

    @Test
    void forgetsViewsThatAreTakenAway() {
        View one = view("{\"key\":\"k1\"}");
        View two = view("{\"key\":\"k1\",\"json\":{\"n\":1}}");
        View all = View.all(Encoding.JSON_FRAME);
        Interests interests = new Interests();
        List.of(one, two, all).forEach(interests::add);
        interests.remove(one);
        interests.remove(all);
        Pass pass = new SharedDecoder(PARTITION, interests, Position.at(0), CHUNK, List.of())
                .decode(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(0, text("k1"), text("{\"n\":1}")))
                        .buffer());

        assertThat(pass.chunks()).containsOnlyKeys(two);
    }

    @Test
    void looksForAViewUntilItWasRemovedAsOftenAsAdded() {
        for (View view : List.of(view("{\"key\":\"k1\"}"), View.all(Encoding.JSON_FRAME))) {
            Interests interests = new Interests();
            interests.add(view);
            interests.add(view);
            interests.remove(view);
            assertThat(shown(interests)).containsExactly(view);
            interests.remove(view);
            assertThat(shown(interests)).isEmpty();
        }
    }

    @Test
    void looksForWhatWasAddedAndNotRemovedInWhateverOrder() {
        List<View> views = List.of(
                view("{\"key\":\"k1\"}"),
                view("{\"key\":\"k1\",\"keyPrefix\":\"k\"}"),
                view("{\"key\":\"k1\",\"keyPrefix\":\"other\"}"),
                new View(Encoding.EVENTS, Filters.parse("{\"key\":\"k1\"}")),
                view("{\"key\":\"k2\"}"),
                view("{\"keyPrefix\":\"k\"}"),
                View.all(Encoding.JSON_FRAME));
        Set<Integer> fit = Set.of(0, 1, 3, 5, 6);
        Random random = new Random(7);
        int[] times = new int[views.size()];
        Interests interests = new Interests();
        for (int step = 0; step < 5_000; step++) {
            int which = random.nextInt(views.size());
            View equal = new View(views.get(which).encoding(), views.get(which).filter());
            if (random.nextInt(5) < 2) {
                interests.add(equal);
                times[which]++;
            } else {
                interests.remove(equal);
                times[which] = Math.max(0, times[which] - 1);
            }
            List<View> expected =
                    fit.stream().filter(it -> times[it] > 0).map(views::get).toList();
            assertThat(shown(interests)).as("step %d", step).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static List<View> shown(Interests interests) {
        Pass pass = new SharedDecoder(PARTITION, interests, Position.at(0), CHUNK, List.of())
                .decode(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(0, text("k1"), text("v")))
                        .buffer());
        return List.copyOf(pass.chunks().keySet());
    }

    private static Pass pass(List<View> views, MemoryRecords batches, Position from) {
        Interests interests = new Interests();
        views.forEach(interests::add);
        return new SharedDecoder(PARTITION, interests, from, CHUNK, List.of()).decode(batches.buffer());
    }

    private static View view(String filter) {
        return new View(Encoding.JSON_FRAME, Filters.parse(filter));
    }

    private static SimpleRecord[] records(int count) {
        Random random = new Random(1);
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = new SimpleRecord(i, text("k" + random.nextInt(4)), text("{\"n\":" + i + "}"));
        }
        return records;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
