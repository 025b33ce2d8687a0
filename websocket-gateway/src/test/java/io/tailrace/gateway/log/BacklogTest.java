// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ReadOutcome;
import io.tailrace.gateway.wire.BacklogDecoder.Reader;
import io.tailrace.gateway.wire.Encoding;
import io.tailrace.gateway.wire.View;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** Readers that are behind, in line for a log that has everything and serves a part of it at a time. */
final class BacklogTest {

    private static final Credit.Grant PLENTY = new Credit.Grant(1000, 1 << 16);
    private static final int READ_RECORDS = 400;

    private final Deque<Runnable> loop = new ArrayDeque<>();
    private final List<Asked> asked = new ArrayList<>();
    private final Backlog backlog = new Backlog(this::ask, loop::add);
    private int reads;
    private int most;

    private record Asked(
            PartitionKey partition, Backlog.Group group, Promise<Map<Reader, ReadOutcome<Buffer>>> answer) {}

    @Test
    void tenThousandThatReadTheSamePartCostAFewReads() {
        Map<Integer, Long> arrived = new HashMap<>();
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            readToEnd(i, random.nextInt(4_000), 5_000, arrived);
        }
        drain();

        assertThat(arrived).hasSize(10_000).allSatisfy((reader, at) -> assertThat(at)
                .isEqualTo(5_000));
        assertThat(reads).isLessThan(400);
    }

    @Test
    void thoseFarApartAreAllServedInTheirTurn() {
        Map<Integer, Long> arrived = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            readToEnd(i, i * 2 * Backlog.REACH, i * 2 * Backlog.REACH + 3L * READ_RECORDS, arrived);
        }
        drain();

        assertThat(arrived).hasSize(100);
        assertThat(reads).isEqualTo(300);
    }

    @Test
    void soManyReadsGoOnAtATimeAndFewOfOnePartition() {
        for (int i = 0; i < 100; i++) {
            for (int j = 0; j < 10; j++) {
                read(partition(i), new Reader(view(i), Position.at(j * 2 * Backlog.REACH), PLENTY));
            }
        }
        run();

        assertThat(asked).hasSize(Backlog.PARALLEL);
        drain();
        assertThat(most).isEqualTo(Backlog.PARALLEL);
        assertThat(reads).isEqualTo(1_000);
    }

    @Test
    void whoIsOfAnotherEpochAtTheSamePlaceIsReadForAlone() {
        read(partition(0), new Reader(view(0), new Position(7, 1), PLENTY));
        read(partition(0), new Reader(view(1), new Position(7, 2), PLENTY));
        read(partition(0), new Reader(view(2), new Position(7, 1), PLENTY));
        run();

        assertThat(asked.stream().map(it -> it.group().readers().size())).containsExactly(2, 1);
    }

    @Test
    void whoWantsBatchesAsTheyAreStoredGoesAlongWithSuch() {
        read(partition(0), new Reader(View.STORED, Position.at(0), PLENTY));
        read(partition(0), new Reader(view(0), Position.at(0), PLENTY));
        read(partition(0), new Reader(View.STORED, Position.at(1), PLENTY));
        read(partition(0), new Reader(view(1), Position.at(1), PLENTY));
        run();

        assertThat(asked.stream().map(it -> it.group().readers().stream()
                        .map(reader -> reader.view().showsBatches())
                        .toList()))
                .containsExactly(List.of(true, true), List.of(false, false));
    }

    @Test
    void whoWantsNoMoreWhenItsTurnHasComeIsSkipped() {
        Future<ReadOutcome<Buffer>> skipped =
                backlog.read(partition(0), new Reader(view(0), Position.at(0), PLENTY), false, () -> false);
        drain();

        assertThat(skipped.result()).isInstanceOf(ReadOutcome.Skipped.class);
        assertThat(reads).isZero();
    }

    @Test
    void whoGotNothingGoesOnBeingTheFirst() {
        Future<ReadOutcome<Buffer>> first = read(partition(0), new Reader(view(0), Position.at(0), PLENTY));
        run();
        read(partition(0), new Reader(view(1), Position.at(0), PLENTY));
        asked.remove(0).answer.complete(Map.of());
        run();

        assertThat(asked.get(0).group.first().view()).isEqualTo(view(0));
        drain();
        assertThat(first.isComplete()).isTrue();
    }

    private void readToEnd(int number, long from, long end, Map<Integer, Long> arrived) {
        read(partition(0), new Reader(view(number), Position.at(from), PLENTY)).onSuccess(outcome -> {
            long next = ((ReadOutcome.Found<Buffer>) outcome).chunk().next().offset();
            if (next >= end) {
                arrived.put(number, end);
            } else {
                readToEnd(number, next, end, arrived);
            }
        });
    }

    private Future<ReadOutcome<Buffer>> read(PartitionKey partition, Reader reader) {
        return backlog.read(partition, reader, false, () -> true);
    }

    private Future<Map<Reader, ReadOutcome<Buffer>>> ask(PartitionKey partition, Backlog.Group group) {
        Promise<Map<Reader, ReadOutcome<Buffer>>> answer = Promise.promise();
        asked.add(new Asked(partition, group, answer));
        reads++;
        most = Math.max(most, asked.size());
        return answer.future();
    }

    private void run() {
        for (Runnable task = loop.poll(); task != null; task = loop.poll()) {
            task.run();
        }
    }

    /** Answers reads, each with the records from the first reader's place on, until nobody asks. */
    private void drain() {
        run();
        while (!asked.isEmpty()) {
            Asked one = asked.remove(0);
            long end = one.group.first().from().offset() + READ_RECORDS;
            Map<Reader, ReadOutcome<Buffer>> found = new HashMap<>();
            for (Reader reader : one.group.readers()) {
                if (reader.from().offset() < end) {
                    Chunk<Buffer> chunk = new Chunk<>(reader.from(), Position.at(end), 0, 0, Buffer.buffer());
                    found.put(reader, new ReadOutcome.Found<>(chunk, Long.MAX_VALUE));
                }
            }
            one.answer.complete(found);
            run();
        }
    }

    private static PartitionKey partition(int number) {
        return new PartitionKey(Uuid.ONE_UUID, "topic", number);
    }

    private static View view(int number) {
        ByteBuffer key = ByteBuffer.allocate(4).putInt(0, number);
        return new View(Encoding.JSON_FRAME, new Filter(key, null, List.of(), List.of()));
    }
}
