// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.Encoding;
import io.tailrace.gateway.wire.View;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several event loops with members that come, leave and miss, one log, one reader of its end; everything takes its turn at random. */
final class TailsTest {

    private static final PartitionKey PARTITION = new PartitionKey(Uuid.ONE_UUID, "topic", 0);
    private static final Pattern OFFSET = Pattern.compile("\"offset\":(\\d+)");
    private static final int KEYS = 4;
    private static final int STEPS = 6_000;

    private final List<Loop> loops = new ArrayList<>();
    private final Deque<Runnable> workers = new ArrayDeque<>();
    private final TailReaders readers = new TailReaders();
    private final MemoryLog log = new MemoryLog(this::toTheLoopOfTheHome);

    /** An event loop; timers are due whenever it has its turn. */
    private final class Loop implements Later {
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final Tails tails;

        Loop() {
            this.tails = new Tails(readers, new TailHome(log, this::work, this), this);
        }

        private Future<?> work(Runnable work) {
            Promise<Void> done = Promise.promise();
            workers.add(() -> {
                work.run();
                tasks.add(done::complete);
            });
            return done.future();
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void after(long delayNs, Runnable task) {
            tasks.add(task);
        }
    }

    private void toTheLoopOfTheHome(Runnable answer) {
        loops.get(PARTITION.shard(loops.size())).execute(answer);
    }

    /** What a subscription does, in short: see {@code SubscriptionMachine}. */
    private final class Member implements TailMember {
        private final Loop loop;
        private final View view;
        private final String key;
        private final List<Long> got = new ArrayList<>();
        private long position;
        private boolean tailing;

        Member(Loop loop, String key) {
            this.loop = loop;
            this.key = key;
            ByteBuffer bytes = ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8));
            this.view = new View(
                    Encoding.JSON_FRAME,
                    key.length() == 2
                            ? new Filter(bytes, null, List.of(), List.of())
                            : new Filter(null, bytes, List.of(), List.of()));
        }

        List<Long> wanted() {
            return LongStream.range(0, log.keys().size())
                    .filter(offset -> log.keys().get((int) offset).startsWith(key))
                    .boxed()
                    .toList();
        }

        /** Reads for itself, up to what it takes for the end, and waits there. */
        void readOn(long end) {
            if (!tailing) {
                for (; position < end; position++) {
                    if (log.keys().get((int) position).startsWith(key)) {
                        got.add(position);
                    }
                }
                tailing = loop.tails.join(this, PARTITION, view, Position.at(position));
            }
        }

        void leave() {
            if (tailing) {
                tailing = false;
                loop.tails.leave(this, PARTITION, view);
            }
        }

        @Override
        public void onTail(int partition, Chunk<Buffer> chunk) {
            assertThat(tailing).isTrue();
            if (chunk.next().offset() <= position) {
                return;
            }
            if (chunk.from().offset() < position) {
                leave();
                return;
            }
            for (Matcher offset = OFFSET.matcher(chunk.body().toString()); offset.find(); ) {
                got.add(Long.parseLong(offset.group(1)));
            }
            position = chunk.next().offset();
        }

        @Override
        public void onTailMissed(int partition, Position served) {
            assertThat(tailing).isTrue();
            tailing = false;
            position = Math.max(position, served.offset());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void everyMemberGetsEachRecordItWantsOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        open(1 + random.nextInt(3));
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Loop loop = loops.get(random.nextInt(loops.size()));
            members.add(new Member(loop, random.nextInt(5) == 0 ? "k" : "k" + random.nextInt(KEYS)));
        }
        for (int step = 0; step < STEPS; step++) {
            Member member = members.get(random.nextInt(members.size()));
            switch (random.nextInt(20)) {
                case 0 -> log.append("k" + random.nextInt(KEYS));
                case 1 -> member.leave();
                case 2, 3 -> {
                    long end = log.keys().size();
                    long more = end - member.position;
                    member.readOn(more > 0 && random.nextBoolean() ? member.position + random.nextLong(more) : end);
                }
                case 4 -> {
                    if (random.nextInt(50) == 0) {
                        log.fail();
                    }
                }
                default -> turn(random);
            }
        }
        settle(members);

        for (Member member : members) {
            assertThat(member.got).as("seed %d, %s", seed, member.view).isEqualTo(member.wanted());
        }
        members.forEach(Member::leave);
        drain();
        assertThat(log.waiting()).as("reads that nobody waits for").isZero();
    }

    @Test
    void oneReadAndOneUnpackingServeAllEventLoops() {
        open(4);
        List<Member> members = new ArrayList<>();
        for (Loop loop : loops) {
            for (int key = 0; key < KEYS; key++) {
                members.add(new Member(loop, "k" + key));
            }
        }
        members.forEach(member -> member.readOn(0));
        drain();
        for (int i = 0; i < 100; i++) {
            log.append("k" + i % KEYS);
            drain();
        }

        assertThat(log.answered()).isEqualTo(100);
        assertThat(members).allSatisfy(member -> assertThat(member.got).isEqualTo(member.wanted()));
    }

    private void open(int count) {
        for (int i = 0; i < count; i++) {
            loops.add(new Loop());
        }
    }

    /** One task of whoever has one: an event loop in its order, workers in any. */
    private void turn(Random random) {
        int who = random.nextInt(loops.size() + 1);
        if (who < loops.size()) {
            Runnable task = loops.get(who).tasks.poll();
            if (task != null) {
                task.run();
            }
        } else if (!workers.isEmpty()) {
            (random.nextBoolean() ? workers.removeFirst() : workers.removeLast()).run();
        }
    }

    private void drain() {
        Random random = new Random(0);
        while (!workers.isEmpty() || loops.stream().anyMatch(loop -> !loop.tasks.isEmpty())) {
            turn(random);
        }
    }

    private void settle(List<Member> members) {
        drain();
        members.forEach(member -> member.readOn(log.keys().size()));
        drain();
        for (int key = 0; key < KEYS; key++) {
            log.append("k" + key);
            drain();
        }
    }
}
