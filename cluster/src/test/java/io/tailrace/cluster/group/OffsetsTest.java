// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.coordinator.Batch;
import io.tailrace.cluster.group.OffsetRequest.Commit;
import io.tailrace.cluster.group.OffsetRequest.Committed;
import io.tailrace.cluster.group.OffsetRequest.Deleted;
import io.tailrace.cluster.group.OffsetRequest.Fetch;
import io.tailrace.cluster.group.OffsetRequest.Fetched;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class OffsetsTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 3);
    private static final Uuid TOPIC_ID = new Uuid(1, 2);
    private static final long WEEK_MS = 7L * 24 * 60 * 60 * 1000;

    private final GroupHarness harness = new GroupHarness(GroupRules.DEFAULT);

    @Test
    void anOffsetComesBackAsCommittedAlsoFromTheNextCoordinator() {
        assertThat(commit(5, "note", -1)).containsExactly(Errors.NONE);
        assertThat(fetched(harness)).isEqualTo(new CommittedOffset(5, 7, "note", harness.nowMs(), -1, TOPIC_ID));
        assertThat(fetched(harness.successor())).isEqualTo(fetched(harness));
    }

    @Test
    void aReadWaitsForTheCommitThatItWouldSee() {
        harness.holdWrites(true);
        long commit = harness.send(request(5, "", -1, Batch.NO_PRODUCER_ID));
        long read = harness.send(fetch(false));
        assertThat(harness.isOpen(commit)).isTrue();
        assertThat(harness.isOpen(read)).isTrue();
        harness.commitNext();
        assertThat(harness.answer(read, Fetched.class).offsets().get(0).offset().offset())
                .isEqualTo(5);
    }

    @Test
    void aRefusedCommitLeavesTheFormerOffset() {
        commit(5, "", -1);
        harness.holdWrites(true);
        long refused = harness.send(request(6, "", -1, Batch.NO_PRODUCER_ID));
        long behind = harness.send(request(7, "", -1, Batch.NO_PRODUCER_ID));
        harness.failNext(Errors.NOT_ENOUGH_REPLICAS, false);
        harness.holdWrites(false);
        assertThat(harness.answer(refused)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(harness.answer(behind)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(fetched(harness).offset()).isEqualTo(5);
        assertThat(harness.successor().machine().offsets())
                .hasToString(harness.machine().offsets().toString());
    }

    @Test
    void whatIsDecidedDuringAnAppendGoesOutTogether() {
        harness.holdWrites(true);
        for (int i = 0; i < 10; i++) {
            harness.send(request(i, "", -1, Batch.NO_PRODUCER_ID));
        }
        assertThat(harness.heldWrites()).isEqualTo(1);
        harness.commitNext();
        assertThat(harness.heldWrites()).isEqualTo(1);
        harness.commitNext();
        assertThat(harness.heldWrites()).isZero();
        assertThat(fetched(harness).offset()).isEqualTo(9);
    }

    @Test
    void refusesLongMetadataAndKeepsTheRest() {
        assertThat(commit(5, "x".repeat(4_097), -1)).containsExactly(Errors.OFFSET_METADATA_TOO_LARGE);
        assertThat(commit(5, "x".repeat(4_096), -1)).containsExactly(Errors.NONE);
    }

    @Test
    void tellsAnUnknownGroupApartByVersion() {
        Commit old = new Commit("other", "m", null, 3, (short) 8, -1, -1, (short) -1, List.of(offset(1, "")));
        Commit now = new Commit("other", "m", null, 3, (short) 9, -1, -1, (short) -1, List.of(offset(1, "")));
        assertThat(harness.ask(old, Committed.class).errors()).containsExactly(Errors.ILLEGAL_GENERATION);
        assertThat(harness.ask(now, Committed.class).errors()).containsExactly(Errors.GROUP_ID_NOT_FOUND);
    }

    @Test
    void offsetsOfASimpleConsumerExpireAWeekAfterTheirCommitAndTheGroupWithThem() {
        commit(5, "", -1);
        harness.advance(WEEK_MS - 600_000);
        assertThat(fetched(harness).offset()).isEqualTo(5);
        harness.advance(1_200_000);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
        assertThat(harness.machine().groups().size()).isZero();
        assertThat(harness.successor().machine().groups().size()).isZero();
    }

    @Test
    void aRetentionTimeOfItsOwnCounts() {
        commit(5, "", 60_000);
        harness.advance(600_001);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
    }

    @Test
    void aStagedOffsetCountsWithTheCommitOfItsTransaction() {
        commit(5, "", -1);
        harness.ask(request(9, "", -1, 77), Committed.class);
        assertThat(fetched(harness).offset()).isEqualTo(5);
        assertThat(stability(harness)).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);
        harness.advance(WEEK_MS * 2);
        assertThat(fetched(harness).offset())
                .as("open transactions hold expiry off")
                .isEqualTo(5);
        end(77, true);
        assertThat(fetched(harness).offset()).isEqualTo(9);
        assertThat(fetched(harness.successor()).offset()).isEqualTo(9);
    }

    @Test
    void anAbortedTransactionLeavesNothing() {
        harness.ask(request(9, "", -1, 77), Committed.class);
        end(77, false);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
    }

    @Test
    void anOffsetIsUnstableUntilAllTransactionsHaveEndedThatStagedOneThere() {
        harness.ask(request(8, "", -1, 77), Committed.class);
        harness.ask(request(9, "", -1, 77), Committed.class);
        harness.ask(request(9, "", -1, 78), Committed.class);
        assertThat(stability(harness)).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);

        end(77, true);
        assertThat(stability(harness)).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);
        assertThat(stability(harness.successor())).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);

        end(78, false);
        assertThat(stability(harness)).isEqualTo(Errors.NONE);
        assertThat(harness.machine().offsets().hasStaged("s")).isFalse();
        assertThat(stability(harness.successor())).isEqualTo(Errors.NONE);
    }

    @Test
    void whatIsRefusedByTheLogStagesNothingAndEndsNothing() {
        assertThat(harness.askInVain(request(9, "", -1, 77), Errors.NOT_ENOUGH_REPLICAS))
                .isNotEqualTo(Errors.NONE);
        assertThat(stability(harness)).isEqualTo(Errors.NONE);
        assertThat(harness.machine().offsets().hasStaged("s")).isFalse();

        harness.ask(request(9, "", -1, 77), Committed.class);
        assertThat(harness.askInVain(
                        new OffsetRequest.EndTransaction(77, (short) 0, 1, true), Errors.NOT_ENOUGH_REPLICAS))
                .isNotEqualTo(Errors.NONE);
        assertThat(stability(harness)).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT);
        assertThat(harness.machine().offsets().hasStaged("s")).isTrue();
    }

    @Test
    void aDeletionReachesWhatAllTransactionsHaveStagedThere() {
        TopicPartition other = new TopicPartition("t", 4);
        harness.ask(request(8, "", -1, 77), Committed.class);
        harness.ask(request(9, "", -1, 78), Committed.class);
        harness.ask(
                new Commit(
                        "s",
                        "",
                        null,
                        -1,
                        (short) 8,
                        -1,
                        78,
                        (short) 0,
                        List.of(new OffsetRequest.Offset(other, TOPIC_ID, 1, 7, ""))),
                Committed.class);

        harness.ask(new OffsetRequest.Delete("s", List.of(PARTITION)), Deleted.class);

        assertThat(stability(harness)).isEqualTo(Errors.NONE);
        assertThat(harness.machine().offsets().isStaged("s", other)).isTrue();
        end(77, true);
        end(78, true);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
        assertThat(harness.machine().offsets().partitions("s")).containsExactly(other);
    }

    @Test
    void deletesOffsetsAndGroups() {
        commit(5, "", -1);
        assertThat(harness.ask(new OffsetRequest.Delete("s", List.of(PARTITION)), Deleted.class)
                        .errors())
                .containsExactly(Errors.NONE);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
        commit(6, "", -1);
        assertThat(harness.ask(new AdminRequest.Delete("s"), AdminRequest.Done.class)
                        .error())
                .isEqualTo(Errors.NONE);
        assertThat(harness.ask(new AdminRequest.Delete("s"), AdminRequest.Done.class)
                        .error())
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(fetched(harness.successor())).isEqualTo(CommittedOffset.NONE);
    }

    @Test
    void offsetsGoWithTheTopicThatTheyWereCommittedIn() {
        commit(5, "", -1);
        drop(new Uuid(9, 9));
        assertThat(fetched(harness).offset()).as("a former topic of that name").isEqualTo(5);
        harness.ask(request(9, "", -1, 77), Committed.class);
        drop(TOPIC_ID);
        assertThat(fetched(harness)).isEqualTo(CommittedOffset.NONE);
        end(77, true);
        assertThat(fetched(harness)).as("staged before").isEqualTo(CommittedOffset.NONE);
        assertThat(fetched(harness.successor())).isEqualTo(CommittedOffset.NONE);
    }

    private void drop(Uuid topicId) {
        harness.ask(new OffsetRequest.DropTopics(Map.of(topicId, PARTITION.topic())), OffsetRequest.Dropped.class);
    }

    private List<Errors> commit(long offset, String metadata, long retentionMs) {
        return harness.ask(request(offset, metadata, retentionMs, Batch.NO_PRODUCER_ID), Committed.class)
                .errors();
    }

    private static Commit request(long offset, String metadata, long retentionMs, long producerId) {
        return new Commit(
                "s", "", null, -1, (short) 8, retentionMs, producerId, (short) 0, List.of(offset(offset, metadata)));
    }

    private static OffsetRequest.Offset offset(long offset, String metadata) {
        return new OffsetRequest.Offset(PARTITION, TOPIC_ID, offset, 7, metadata);
    }

    private static Fetch fetch(boolean stable) {
        return new Fetch("s", null, -1, stable, List.of(PARTITION));
    }

    private void end(long producerId, boolean commit) {
        harness.ask(new OffsetRequest.EndTransaction(producerId, (short) 0, 1, commit), OffsetRequest.Ended.class);
    }

    private static Errors stability(GroupHarness of) {
        return of.ask(fetch(true), Fetched.class).offsets().get(0).error();
    }

    private static CommittedOffset fetched(GroupHarness from) {
        return from.ask(fetch(false), Fetched.class).offsets().get(0).offset();
    }
}
