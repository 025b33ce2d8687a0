// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.replication.FollowerEffect.AdvanceHighWatermark;
import io.tailrace.cluster.replication.FollowerEffect.AdvanceLogStart;
import io.tailrace.cluster.replication.FollowerEffect.Append;
import io.tailrace.cluster.replication.FollowerEffect.RestartAt;
import io.tailrace.cluster.replication.FollowerEffect.Sync;
import io.tailrace.cluster.replication.FollowerEffect.Truncate;
import io.tailrace.cluster.replication.FollowerEvent.Answered;
import io.tailrace.cluster.replication.FollowerEvent.AppendRefused;
import io.tailrace.cluster.replication.FollowerEvent.Appended;
import io.tailrace.cluster.replication.FollowerEvent.Asked;
import io.tailrace.cluster.replication.FollowerEvent.Followed;
import io.tailrace.cluster.replication.FollowerEvent.Synced;
import io.tailrace.cluster.replication.FollowerEvent.Unanswered;
import io.tailrace.cluster.replication.FollowerEvent.Unfollowed;
import io.tailrace.log.epoch.EpochEnd;
import io.tailrace.log.epoch.LeaderEpochs;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FollowerReplicaTest {

    private static final int LEADER = 2;
    private static final int EPOCH = 5;

    private final Log log = new Log();
    private final HighWatermark highWatermark = new HighWatermark(0);
    private final FollowerReplica follower = new FollowerReplica(log, highWatermark);
    private long nowMs = 100_000;

    @Test
    void asksNothingBeforeItKnowsALeader() {
        assertThat(follower.position(nowMs)).isEmpty();
        assertThat(follower.isFollowing()).isFalse();
    }

    @Test
    void asksForWhatComesAfterItsDisk() {
        log.has(4, 0, 10);
        follow();

        assertThat(follower.position(nowMs)).contains(new FetchPosition(EPOCH, 10, 4, 0));
        assertThat(follower.leaderId()).isEqualTo(LEADER);
    }

    @Test
    void asksOnlyWhenAllThatIsWrittenIsDurable() {
        log.has(4, 0, 10);
        log.durable = 8;

        assertThat(step(new Followed(LEADER, EPOCH))).containsExactly(new Sync());
        assertThat(follower.position(nowMs)).isEmpty();
        assertThat(step(new Synced())).containsExactly(new Sync());
        log.durable = 10;
        assertThat(step(new Synced())).isEmpty();
        assertThat(follower.position(nowMs)).isPresent();
    }

    @Test
    void asksOnceAtATime() {
        follow();
        ask();

        assertThat(follower.position(nowMs)).isEmpty();
    }

    @Test
    void appendsThenTakesTheHighWatermarkAsFarAsItsLogReaches() {
        log.has(5, 0, 10);
        follow();

        assertThat(answer(new FetchAnswer(Errors.NONE, 99, 0, null, 10))).containsExactly(new Append());
        log.has(5, 10, 15);
        log.durable = 10;
        assertThat(step(new Appended())).containsExactly(new AdvanceHighWatermark(15), new Sync());
        assertThat(follower.position(nowMs)).isEmpty();
        log.durable = 15;
        step(new Synced());
        assertThat(follower.position(nowMs)).contains(new FetchPosition(EPOCH, 15, 5, 0));
    }

    @Test
    void learnsTheHighWatermarkFromAnAnswerWithoutRecords() {
        log.has(5, 0, 10);
        follow();

        assertThat(answer(nothing(8))).containsExactly(new AdvanceHighWatermark(8));
        assertThat(answer(nothing(6))).isEmpty(); // a new leader may know less
        assertThat(highWatermark.offset()).isEqualTo(8);
    }

    @Test
    void truncatesWhereTheLeadersEpochEnds() {
        log.has(4, 0, 10);
        follow();

        assertThat(answer(diverging(4, 7))).containsExactly(new Truncate(7, false));
    }

    @Test
    void truncatesBelowAnEpochThatItLacksAndAsksAgain() { // KIP-279
        log.has(1, 0, 3);
        log.has(4, 3, 10);
        follow();

        assertThat(answer(diverging(2, 8))).containsExactly(new Truncate(3, false));
        log.truncate(3);
        assertThat(follower.position(nowMs)).contains(new FetchPosition(EPOCH, 3, 1, 0));
    }

    @Test
    void ignoresTheHighWatermarkBesideADivergence() { // KAFKA-14704
        log.has(4, 0, 10);
        follow();

        answer(new FetchAnswer(Errors.NONE, 9, 5, new EpochEnd(4, 7), -1));
        assertThat(highWatermark.offset()).isZero();
    }

    @Test
    void tellsWhenATruncationTakesSomethingCommitted() {
        log.has(4, 0, 10);
        highWatermark.advanceTo(9);
        follow();

        assertThat(answer(diverging(4, 7))).containsExactly(new Truncate(7, true));
        assertThat(highWatermark.offset()).isEqualTo(7);
    }

    @Test
    void asksForDivergenceInEveryEpochThoughTheLeaderStays() { // KAFKA-7164
        log.has(4, 0, 10);
        follow();
        ask();

        step(new Followed(LEADER, EPOCH + 3));
        assertThat(follower.position(nowMs)).contains(new FetchPosition(EPOCH + 3, 10, 4, 0));
    }

    @Test
    void beginsAnewWhereTheLeadersLogStarts() {
        log.has(4, 0, 10);
        follow();

        assertThat(answer(new FetchAnswer(Errors.OFFSET_OUT_OF_RANGE, -1, 50, null, -1)))
                .containsExactly(new RestartAt(50, false), new AdvanceHighWatermark(50));
    }

    @Test
    void beginsAnewWhenNothingIsLeftToCompareWith() {
        log.has(1, 0, 10); // the leader has deleted all below 8, and epoch 1 ended there
        follow();

        assertThat(answer(new FetchAnswer(Errors.OFFSET_OUT_OF_RANGE, -1, 8, null, -1)))
                .containsExactly(new RestartAt(8, false), new AdvanceHighWatermark(8));
    }

    @Test
    void tellsWhenBeginningAnewTakesSomethingCommitted() {
        log.has(1, 0, 10);
        highWatermark.advanceTo(9);
        follow();

        assertThat(answer(new FetchAnswer(Errors.OFFSET_OUT_OF_RANGE, -1, 8, null, -1)))
                .containsExactly(new RestartAt(8, true));
    }

    @Test
    void beginsAtTheBatchThatTheLeadersLogStartsIn() {
        log.start = log.end = log.durable = 50;
        highWatermark.advanceTo(50);
        follow();

        assertThat(answer(new FetchAnswer(Errors.NONE, 60, 50, null, 48)))
                .containsExactly(new RestartAt(48, false), new Append());
        log.start = 48;
        log.end = log.durable = 60;
        assertThat(step(new Appended())).containsExactly(new AdvanceLogStart(50), new AdvanceHighWatermark(60));
    }

    @Test
    void movesItsLogStartWithTheLeadersButNotPastItsHighWatermark() {
        log.has(4, 0, 10);
        follow();

        assertThat(answer(new FetchAnswer(Errors.NONE, 6, 8, null, -1)))
                .containsExactly(new AdvanceLogStart(6), new AdvanceHighWatermark(6));
    }

    @ParameterizedTest
    @EnumSource(
            value = Errors.class,
            names = {
                "NOT_LEADER_OR_FOLLOWER",
                "FENCED_LEADER_EPOCH",
                "UNKNOWN_LEADER_EPOCH",
                "UNKNOWN_TOPIC_ID",
                "KAFKA_STORAGE_ERROR"
            })
    void pausesAfterAnErrorAndAsksAgain(Errors error) {
        log.has(4, 0, 10);
        follow();

        assertThat(answer(FetchAnswer.refused(error))).isEmpty();
        assertThat(follower.position(nowMs)).isEmpty();
        nowMs += FollowerReplica.BACKOFF_MS;
        assertThat(follower.position(nowMs)).contains(new FetchPosition(EPOCH, 10, 4, 0));
    }

    @Test
    void pausesWhenNoAnswerComes() {
        follow();
        FetchPosition asked = ask();

        step(new Unanswered(asked));
        assertThat(follower.position(nowMs)).isEmpty();
        assertThat(follower.readyAtMs()).isEqualTo(nowMs + FollowerReplica.BACKOFF_MS);
    }

    @Test
    void asksAgainAfterTheLogRefusedTheBatches() {
        follow();
        answer(new FetchAnswer(Errors.NONE, 5, 0, null, 0));

        step(new AppendRefused(Errors.CORRUPT_MESSAGE));
        nowMs += FollowerReplica.BACKOFF_MS;
        assertThat(follower.position(nowMs)).isPresent();
    }

    @Test
    void dropsAnAnswerToAnotherEpoch() {
        follow();
        FetchPosition asked = ask();
        step(new Followed(3, EPOCH + 1));

        assertThat(step(new Answered(asked, new FetchAnswer(Errors.NONE, 5, 0, null, 0))))
                .isEmpty();
        assertThat(follower.leaderId()).isEqualTo(3);
    }

    @Test
    void dropsTheSecondAnswerToOnePosition() {
        follow();
        FetchPosition asked = ask();
        FetchAnswer records = new FetchAnswer(Errors.NONE, 5, 0, null, 0);
        step(new Answered(asked, records));

        assertThat(step(new Answered(asked, records))).isEmpty();
    }

    @Test
    void ignoresAnOlderLeader() {
        follow();

        step(new Followed(3, EPOCH - 1));
        assertThat(follower.leaderId()).isEqualTo(LEADER);
    }

    @Test
    void dropsAnAnswerAfterItStoppedFollowing() {
        follow();
        FetchPosition asked = ask();
        step(new Unfollowed());

        assertThat(step(new Answered(asked, new FetchAnswer(Errors.NONE, 5, 0, null, 0))))
                .isEmpty();
        assertThat(follower.position(nowMs)).isEmpty();
    }

    private void follow() {
        step(new Followed(LEADER, EPOCH));
    }

    private FetchPosition ask() {
        FetchPosition position = follower.position(nowMs).orElseThrow();
        step(new Asked(position));
        return position;
    }

    private List<FollowerEffect> answer(FetchAnswer answer) {
        return step(new Answered(ask(), answer));
    }

    private static FetchAnswer nothing(long highWatermark) {
        return new FetchAnswer(Errors.NONE, highWatermark, 0, null, -1);
    }

    private static FetchAnswer diverging(int epoch, long endOffset) {
        return new FetchAnswer(Errors.NONE, 0, 0, new EpochEnd(epoch, endOffset), -1);
    }

    private List<FollowerEffect> step(FollowerEvent event) {
        return follower.step(event, nowMs);
    }

    private static final class Log implements FollowerLog {
        private final LeaderEpochs epochs = new LeaderEpochs();
        private long start;
        private long end;
        private long durable;

        void has(int epoch, long from, long to) {
            epochs.assign(epoch, from);
            end = to;
            durable = to;
        }

        void truncate(long to) {
            epochs.truncateFromEnd(to);
            end = to;
            durable = Math.min(durable, to);
        }

        @Override
        public long logStartOffset() {
            return start;
        }

        @Override
        public long logEndOffset() {
            return end;
        }

        @Override
        public long durableEndOffset() {
            return durable;
        }

        @Override
        public int latestEpoch() {
            return epochs.latestEpoch();
        }

        @Override
        public EpochEnd epochEnd(int leaderEpoch) {
            return epochs.endOffsetFor(leaderEpoch, end);
        }
    }
}
