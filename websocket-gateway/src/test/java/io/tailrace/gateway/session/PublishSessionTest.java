// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.gateway.session.PublishEvent.Lane;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PublishSessionTest {

    private static final Lane LANE = new Lane(new Uuid(1, 2), 0);
    private static final Lane OTHER = new Lane(new Uuid(1, 2), 1);
    private static final Limits LIMITS = new Limits(1 << 20, 1, 8, 1 << 20, 1_000);

    private final Page page = new Page();
    private PublishSession session = new PublishSession(LIMITS);

    @Test
    void writesNothingBeforeTheClientIsKnownToHaveHeardOfTheProducer() {
        session.connect(page, -1);
        assertThat(come(1, LANE)).containsExactly(new PublishEffect.AskProducer());
        assertThat(session.step(new PublishEvent.Given(4711)))
                .containsExactly(new PublishEffect.Tell(new ServerFrame.Producer("4711")), new PublishEffect.Probe(1));
        assertThat(come(2, LANE)).isEmpty();
        assertThat(session.step(new PublishEvent.Heard(1))).containsExactly(write(LANE, 0, 1, 2));
    }

    @Test
    void whatComesWhileALaneWritesGoesInOneBatchBehindIt() {
        ready();
        come(1, LANE);
        assertThat(come(2, LANE)).isEmpty();
        assertThat(come(3, LANE)).isEmpty();
        assertThat(come(4, OTHER)).containsExactly(write(OTHER, 0, 4));
        assertThat(session.step(new PublishEvent.Written(LANE, 70)))
                .containsExactly(answer(1, LANE, 70, 0), write(LANE, 1, 2, 3));
    }

    @Test
    void remembersAnswersForWhoSendsAgain() {
        ready();
        come(1, LANE);
        session.connect(new Page(), 4711);
        assertThat(come(1, LANE)).isEmpty();
        session.step(new PublishEvent.Written(LANE, 70));
        assertThat(come(1, LANE)).containsExactly(answer(1, LANE, 70, 0));
    }

    @Test
    void writesNothingBehindARefusalThatTheClientMayNotHaveHeardOf() {
        ready();
        come(1, LANE);
        come(2, LANE);
        assertThat(session.step(new PublishEvent.NotWritten(LANE, ErrorCode.TOO_LARGE, "long")))
                .containsExactly(refused(1, ErrorCode.TOO_LARGE, "long"), new PublishEffect.Probe(2));
        assertThat(come(3, OTHER)).isEmpty();
        assertThat(session.step(new PublishEvent.Heard(1))).isEmpty();
        assertThat(session.step(new PublishEvent.Heard(2)))
                .containsExactlyInAnyOrder(write(LANE, 0, 2), write(OTHER, 0, 3));
    }

    @Test
    void recordsThatAreRefusedTogetherAreTriedAlone() {
        ready();
        come(1, LANE);
        come(2, LANE);
        come(3, LANE);
        session.step(new PublishEvent.Written(LANE, 70));
        assertThat(session.step(new PublishEvent.NotWritten(LANE, ErrorCode.TOO_LARGE, "long")))
                .containsExactly(write(LANE, 1, 2));
        assertThat(session.step(new PublishEvent.Written(LANE, 71)))
                .containsExactly(answer(2, LANE, 71, 1), write(LANE, 2, 3));
    }

    @Test
    void triesAgainWhatMayHaveBeenWrittenUntilItIs() {
        ready();
        come(1, LANE);
        come(2, LANE);
        assertThat(session.step(new PublishEvent.NotKnown(LANE))).containsExactly(new PublishEffect.Wait(LANE));
        assertThat(session.step(new PublishEvent.Due(LANE))).containsExactly(write(LANE, 0, 1));
        assertThat(session.step(new PublishEvent.NotWritten(LANE, ErrorCode.UNAVAILABLE, "")))
                .containsExactly(new PublishEffect.Wait(LANE));
        session.step(new PublishEvent.Due(LANE));
        assertThat(session.step(new PublishEvent.Written(LANE, -1)))
                .containsExactly(answer(1, LANE, -1, 0), write(LANE, 1, 2));
    }

    @Test
    void goesOnWithTheNumbersThatTheClientBrings() {
        session = new PublishSession(LIMITS, 4711, List.of(new PublishReceipt(LANE.topicId(), 0, Integer.MAX_VALUE)));
        assertThat(session.connect(page, 4711)).isEmpty();
        assertThat(come(9, LANE)).containsExactly(write(LANE, 0, 9));
        assertThat(come(10, OTHER)).containsExactly(write(OTHER, 0, 10));
    }

    @Test
    void takesAnotherProducerWhenTheLogHasForgottenThisOne() {
        ready();
        come(1, LANE);
        come(2, LANE);
        come(3, OTHER);
        assertThat(session.step(new PublishEvent.OutOfOrder(LANE)))
                .containsExactly(
                        refused(1, ErrorCode.UNKNOWN, "the log does not know this session any more"),
                        new PublishEffect.Probe(2));
        assertThat(session.step(new PublishEvent.Heard(2))).isEmpty();
        assertThat(session.step(new PublishEvent.Written(OTHER, 5)))
                .containsExactly(answer(3, OTHER, 5, 0), new PublishEffect.AskProducer());
        session.step(new PublishEvent.Given(4712));
        assertThat(session.step(new PublishEvent.Heard(3)))
                .containsExactly(new PublishEffect.Write(LANE, 4712, 0, List.of(record(2))));
    }

    @Test
    void refusesWhatIsMoreThanTheWindow() {
        ready();
        for (long seq = 1; seq <= 8; seq++) {
            come(seq, LANE);
        }
        assertThat(come(9, LANE))
                .contains(refused(9, ErrorCode.PUBLISH_WINDOW, "too much is under way; wait for answers"));
        session.step(new PublishEvent.Written(LANE, 0));
        assertThat(come(9, LANE)).isEmpty();
    }

    @Test
    void refusesEverythingIfThereIsNoProducerAndAsksAgainForTheNext() {
        session.connect(page, -1);
        come(1, LANE);
        assertThat(session.step(new PublishEvent.NotGiven(ErrorCode.UNAVAILABLE, "not now")))
                .containsExactly(refused(1, ErrorCode.UNAVAILABLE, "not now"), new PublishEffect.Probe(1));
        assertThat(come(2, LANE)).containsExactly(new PublishEffect.AskProducer());
    }

    /**
     * A client, a session, and logs that know sequences as Tailrace's do; the connection breaks, the node is killed, records are refused, answers
     * get lost, and outcomes are in doubt, all by chance. In the end each record stands in the log once, in order, unless the client was told that
     * it was refused: then not at all.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void writesEachRecordOnceWhateverBreaks(int seed) {
        for (int round = 0; round < 150; round++) {
            new World(new Random(seed * 1_000L + round)).run();
        }
    }

    private void ready() {
        session.connect(page, -1);
        come(0, new Lane(new Uuid(8, 8), 0));
        session.step(new PublishEvent.Given(4711));
        session.step(new PublishEvent.Heard(1));
        session.step(new PublishEvent.Written(new Lane(new Uuid(8, 8), 0), 0));
    }

    private List<PublishEffect> come(long seq, Lane lane) {
        return session.step(new PublishEvent.Came(seq, lane, record(seq)));
    }

    private static final Map<Long, NewRecord> RECORDS = new HashMap<>();

    private static NewRecord record(long seq) {
        return RECORDS.computeIfAbsent(
                seq, any -> new NewRecord(-1, null, Long.toString(seq).getBytes(StandardCharsets.UTF_8), List.of()));
    }

    private static PublishEffect write(Lane lane, int sequence, long... seqs) {
        List<NewRecord> records = new ArrayList<>();
        for (long seq : seqs) {
            records.add(record(seq));
        }
        return new PublishEffect.Write(lane, 4711, sequence, records);
    }

    private static PublishEffect answer(long seq, Lane lane, long offset, int sequence) {
        String receipt = new PublishReceipt(lane.topicId(), lane.partition(), sequence).text();
        return new PublishEffect.Tell(new ServerFrame.Published(seq, lane.partition(), offset, receipt));
    }

    private static PublishEffect refused(long seq, ErrorCode code, String text) {
        return new PublishEffect.Tell(ServerFrame.Failed.ofRecord(seq, code, text));
    }

    /** Hears nothing: effects are looked at. */
    private static final class Page implements PublishSession.Client {
        @Override
        public void tell(ServerFrame frame) {}

        @Override
        public void probe(long number) {}
    }

    private static final class World {
        private static final int RECORD_COUNT = 40;

        private final Random random;
        private final Map<Lane, List<Long>> logs = new LinkedHashMap<>();
        private final Map<Long, Map<Lane, Integer>> lastSequences = new HashMap<>();
        private long producerIds = 100;

        private PublishSession session = new PublishSession(LIMITS);
        private final Deque<PublishEffect> work = new ArrayDeque<>();
        private final Deque<Object> wire = new ArrayDeque<>();

        private Page page = new Page();
        private Optional<Long> producer = Optional.empty();
        private final Map<Lane, PublishReceipt> receipts = new HashMap<>();
        private final TreeMap<Long, Lane> unanswered = new TreeMap<>();
        private final List<Long> refused = new ArrayList<>();
        private final List<Long> written = new ArrayList<>();
        private final Deque<Long> again = new ArrayDeque<>();
        private long next = 1;

        World(Random random) {
            this.random = random;
        }

        void run() {
            perform(session.connect(page, -1));
            for (int steps = 0; next <= RECORD_COUNT || !unanswered.isEmpty(); steps++) {
                assertThat(steps).as("it comes to an end").isLessThan(100_000);
                step(steps < 2_000);
            }
            List<Long> all = new ArrayList<>(written);
            all.addAll(refused);
            assertThat(all).doesNotHaveDuplicates().hasSize(RECORD_COUNT);
            List<Long> stored = new ArrayList<>();
            logs.values().forEach(log -> {
                assertThat(log).isSorted();
                stored.addAll(log);
            });
            assertThat(stored).containsExactlyInAnyOrderElementsOf(written);
        }

        private void step(boolean trouble) {
            int what = random.nextInt(trouble ? 100 : 90);
            if (what < 30 && !again.isEmpty()) {
                long seq = again.remove();
                come(seq, unanswered.get(seq));
            } else if (what < 30 && next <= RECORD_COUNT && unanswered.size() < LIMITS.publishRecords()) {
                long seq = next++;
                Lane lane = random.nextBoolean() ? LANE : OTHER;
                unanswered.put(seq, lane);
                come(seq, lane);
            } else if (what < 60 && !work.isEmpty()) {
                work(trouble);
            } else if (what < 90 && !wire.isEmpty()) {
                receive(wire.remove());
            } else if (what >= 98) {
                session = null;
                work.clear();
                reconnect();
            } else if (what >= 96) {
                reconnect();
            }
        }

        private void come(long seq, Lane lane) {
            perform(session.step(new PublishEvent.Came(seq, lane, record(seq))));
        }

        /** Some of what was said to the client is lost, and all that it has said already. */
        private void reconnect() {
            for (int some = random.nextInt(wire.size() + 1); some > 0; some--) {
                Object heard = wire.remove();
                if (heard instanceof ServerFrame frame) {
                    hear(frame);
                }
            }
            wire.clear();
            page = new Page();
            if (session == null) {
                session = producer.map(id -> new PublishSession(LIMITS, id, receipts.values()))
                        .orElseGet(() -> new PublishSession(LIMITS));
            }
            perform(session.connect(page, producer.orElse(-1L)));
            again.clear();
            again.addAll(unanswered.keySet());
        }

        private void receive(Object told) {
            if (told instanceof ServerFrame frame) {
                hear(frame);
            } else {
                perform(session.step(new PublishEvent.Heard((Long) told)));
            }
        }

        private void hear(ServerFrame told) {
            switch (told) {
                case ServerFrame.Producer it -> {
                    producer = Optional.of(Long.valueOf(it.text()));
                    receipts.clear();
                }
                case ServerFrame.Published it -> {
                    Lane lane = unanswered.remove(it.seq());
                    again.remove(it.seq());
                    if (lane != null) {
                        written.add(it.seq());
                        receipts.put(lane, PublishReceipt.parse(it.receipt()).orElseThrow());
                    }
                }
                case ServerFrame.Failed it -> {
                    again.remove(it.seq().getAsLong());
                    if (unanswered.remove(it.seq().getAsLong()) != null) {
                        assertThat(it.code()).isNotEqualTo(ErrorCode.UNKNOWN);
                        refused.add(it.seq().getAsLong());
                    }
                }
                default -> throw new AssertionError(told);
            }
        }

        private void perform(List<PublishEffect> effects) {
            for (PublishEffect effect : effects) {
                switch (effect) {
                    case PublishEffect.Tell it -> wire.add(it.frame());
                    case PublishEffect.Probe it -> wire.add(it.number());
                    default -> work.add(effect);
                }
            }
        }

        private void work(boolean trouble) {
            PublishEffect effect = work.remove();
            switch (effect) {
                case PublishEffect.AskProducer it ->
                    perform(session.step(
                            trouble && random.nextInt(4) == 0
                                    ? new PublishEvent.NotGiven(ErrorCode.UNAVAILABLE, "")
                                    : new PublishEvent.Given(producerIds++)));
                case PublishEffect.Wait it -> perform(session.step(new PublishEvent.Due(it.lane())));
                case PublishEffect.Write it -> {
                    int luck = trouble ? random.nextInt(10) : 9;
                    if (luck == 0) {
                        perform(session.step(new PublishEvent.NotWritten(it.lane(), ErrorCode.UNAVAILABLE, "")));
                    } else if (luck == 1) {
                        perform(session.step(new PublishEvent.NotKnown(it.lane())));
                    } else {
                        PublishEvent outcome = append(it);
                        perform(session.step(
                                luck == 2 && outcome instanceof PublishEvent.Written
                                        ? new PublishEvent.NotKnown(it.lane())
                                        : outcome));
                    }
                }
                default -> throw new AssertionError(effect);
            }
        }

        private static long seq(NewRecord record) {
            return Long.parseLong(new String(record.value(), StandardCharsets.UTF_8));
        }

        private PublishEvent append(PublishEffect.Write write) {
            Lane lane = write.lane();
            Map<Lane, Integer> known = lastSequences.computeIfAbsent(write.producerId(), any -> new HashMap<>());
            int last = known.getOrDefault(lane, -1);
            int end = write.sequence() + write.records().size() - 1;
            if (write.records().stream().anyMatch(record -> seq(record) % 13 == 0)) {
                return new PublishEvent.NotWritten(lane, ErrorCode.TOO_LARGE, "");
            }
            if (end <= last) {
                return new PublishEvent.Written(lane, -1);
            }
            if (write.sequence() != last + 1) {
                return new PublishEvent.OutOfOrder(lane);
            }
            known.put(lane, end);
            List<Long> log = logs.computeIfAbsent(lane, any -> new ArrayList<>());
            long offset = log.size();
            for (NewRecord record : write.records()) {
                log.add(seq(record));
            }
            return new PublishEvent.Written(lane, offset);
        }
    }
}
