// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.replication.LeaderEffect.Acknowledge;
import io.tailrace.cluster.replication.LeaderEffect.AdvanceHighWatermark;
import io.tailrace.cluster.replication.LeaderEffect.AlterIsr;
import io.tailrace.cluster.replication.LeaderEffect.InSyncReplica;
import io.tailrace.cluster.replication.LeaderEvent.AlterIsrAnswered;
import io.tailrace.cluster.replication.LeaderEvent.Appended;
import io.tailrace.cluster.replication.LeaderEvent.Elected;
import io.tailrace.cluster.replication.LeaderEvent.FollowerFetched;
import io.tailrace.cluster.replication.LeaderEvent.ReplicasChanged;
import io.tailrace.cluster.replication.LeaderEvent.Synced;
import io.tailrace.cluster.replication.LeaderEvent.Ticked;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Node 1 leads; nodes 2 and 3 follow. The broker epoch of node n is 10 n. */
class LeaderFollowersTest {

    private static final short ALL = -1;
    private static final long LAG_MS = 1_000;
    private static final int EPOCH = 5;
    private static final Map<Integer, Long> ALIVE = Map.of(1, 10L, 2, 20L, 3, 30L);

    private final HighWatermark highWatermark = new HighWatermark(0);
    private final LeaderReplica<String> leader = new LeaderReplica<>(1, highWatermark, LAG_MS);
    private long nowMs = 100_000;
    private long logEnd;

    @Test
    void commitsWhatEveryInSyncReplicaHasOnDisk() {
        elect(0, List.of(1, 2, 3), 0);
        step(new Appended<>("a", ALL, 3));
        append(3);

        assertThat(fetch(2, 3)).isEmpty();
        assertThat(fetch(3, 3)).containsExactly(new AdvanceHighWatermark<>(3), new Acknowledge<>("a"));
    }

    @Test
    void waitsForItsOwnDiskToo() {
        elect(0, List.of(1, 2), 0);
        step(new Appended<>("a", ALL, 3));
        logEnd = 3;

        assertThat(fetch(2, 3)).isEmpty();
        assertThat(step(new Synced<>(3))).containsExactly(new AdvanceHighWatermark<>(3), new Acknowledge<>("a"));
    }

    @Test
    void countsNobodyWhoHasNotFetchedInThisEpoch() {
        elect(0, List.of(1, 2), 10);

        assertThat(leader.highWatermark()).isZero();
        assertThat(leader.knowsHighWatermark()).isFalse();
        assertThat(step(new FollowerFetched<>(2, 20, EPOCH - 1, 10, 10, 0))).isEmpty();
        assertThat(fetch(2, 10)).containsExactly(new AdvanceHighWatermark<>(10));
        assertThat(leader.knowsHighWatermark()).isTrue();
    }

    @Test
    void keepsWhatAnEarlierFetchSaidWhenTheNetworkBringsItLate() {
        elect(0, List.of(1, 2), 0);
        append(9);
        fetch(2, 9);
        append(12);

        assertThat(fetch(2, 4)).isEmpty();
        assertThat(fetch(2, 12)).containsExactly(new AdvanceHighWatermark<>(12));
    }

    @Test
    void proposesAFollowerThatReachedTheHighWatermarkAndTheEpochsStart() {
        elect(0, List.of(1), 10);

        assertThat(fetch(2, 9)).isEmpty();
        assertThat(fetch(2, 10)).containsExactly(alter(0, 1, 2));
    }

    @Test
    void doesNotProposeBelowTheEpochsStartThoughAtTheHighWatermark() { // KAFKA-7128
        elect(0, List.of(1, 3), 10); // the high watermark is not known: 3 has not fetched
        assertThat(leader.highWatermark()).isZero();

        assertThat(fetch(2, 5)).isEmpty();
        assertThat(fetch(2, 10)).containsExactly(alter(0, 1, 3, 2));
    }

    @Test
    void doesNotProposeAnEarlierStartOfANode() { // KAFKA-15221
        elect(0, List.of(1), 10);

        assertThat(step(new FollowerFetched<>(2, 19, EPOCH, 10, 10, 0))).isEmpty();
    }

    @Test
    void forgetsWhatAnEarlierStartOfANodeHad() {
        elect(0, List.of(1, 2), 0);
        append(9);
        fetch(2, 9);
        append(12);

        step(new FollowerFetched<>(2, 21, EPOCH, 3, 12, 0)); // it came back without its tail
        step(new FollowerFetched<>(2, 20, EPOCH, 12, 12, 0)); // said before it went

        assertThat(leader.highWatermark()).isEqualTo(9);
    }

    /** What was rotten there is copied anew by the same start of the node, and the leader stays: in another epoch. */
    @Test
    void forgetsWhatANodeHadInTheEpochBefore() {
        elect(0, List.of(1, 2), 0);
        append(9);
        fetch(2, 9);
        step(new Elected<>(new ReplicaSet(EPOCH + 1, 1, List.of(1, 2, 3), List.of(1), 1, ALIVE), 9, 9));

        assertThat(step(new FollowerFetched<>(2, 20, EPOCH + 1, 0, 9, 0))).isEmpty();
        assertThat(step(new FollowerFetched<>(2, 20, EPOCH, 9, 9, 0)))
                .as("said before it began anew")
                .isEmpty();
        assertThat(step(new FollowerFetched<>(2, 20, EPOCH + 1, 9, 9, 0)))
                .containsExactly(
                        new AlterIsr<>(EPOCH + 1, 1, List.of(new InSyncReplica(1, 10), new InSyncReplica(2, 20))));
    }

    @Test
    void knowsWhatEveryReplicaThatLivesHasDeleted() { // KIP-107
        elect(0, List.of(1, 2), 10);
        assertThat(leader.lowWatermark(7)).isEqualTo(-1);
        fetchDeleted(2, 10, 7);
        assertThat(leader.lowWatermark(7)).as("out of sync, and alive").isEqualTo(-1);
        fetchDeleted(3, 8, 4);
        assertThat(leader.lowWatermark(7)).isEqualTo(4);
        fetchDeleted(3, 8, 7);
        assertThat(leader.lowWatermark(7)).isEqualTo(7);
        assertThat(leader.lowWatermark(9)).isEqualTo(7);
    }

    @Test
    void waitsForNobodyDeadToDelete() {
        elect(0, List.of(1, 2), 10);
        fetchDeleted(2, 10, 7);
        step(new ReplicasChanged<>(set(0, List.of(1, 2), Map.of(1, 10L, 2, 20L))));

        assertThat(leader.lowWatermark(7)).isEqualTo(7);

        step(new ReplicasChanged<>(set(0, List.of(1, 2), Map.of(1, 10L, 2, 20L, 3, 31L))));
        assertThat(leader.lowWatermark(7)).as("it came back").isEqualTo(-1);
    }

    @Test
    void doesNotProposeAFencedNode() { // KIP-903
        step(new Elected<>(set(0, List.of(1), Map.of(1, 10L)), 10, 10));
        logEnd = 10;

        assertThat(fetch(2, 10)).isEmpty();
        step(new ReplicasChanged<>(set(0, List.of(1), ALIVE)));
        assertThat(fetch(2, 10)).containsExactly(alter(0, 1, 2));
    }

    @Test
    void waitsForAProposedReplicaAsIfItWereIn() { // maximal in-sync replicas
        elect(0, List.of(1), 10);
        fetch(2, 10);
        append(15);

        assertThat(leader.highWatermark()).isEqualTo(10);
        nowMs += 10 * LAG_MS; // longer than a mere candidate is waited for
        assertThat(step(new Ticked<>(15))).isEmpty();
        assertThat(leader.highWatermark()).isEqualTo(10);
        assertThat(fetch(2, 15)).containsExactly(new AdvanceHighWatermark<>(15));
    }

    @Test
    void waitsForAReplicaThatIsProposedOutUntilTheControllerAgrees() {
        elect(0, List.of(1, 2, 3), 0);
        append(5);
        fetch(2, 5);
        nowMs += LAG_MS + 1;
        fetch(2, 5);

        assertThat(step(new Ticked<>(5))).containsExactly(alter(0, 1, 2));
        assertThat(leader.highWatermark()).isZero();
        assertThat(step(new ReplicasChanged<>(set(1, List.of(1, 2), ALIVE))))
                .containsExactly(new AdvanceHighWatermark<>(5));
    }

    @Test
    void keepsAFollowerThatReadsAtThePaceOfTheProducers() {
        elect(0, List.of(1, 2), 0);
        for (int i = 1; i <= 20; i++) {
            append(i * 10L);
            fetch(2, (i - 1) * 10L); // always one round behind
            nowMs += LAG_MS / 2;
        }

        assertThat(step(new Ticked<>(logEnd))).isEmpty();
    }

    @Test
    void proposesOneChangeAtATime() {
        elect(0, List.of(1), 10);
        fetch(2, 10);

        assertThat(fetch(3, 10)).isEmpty();
        step(new ReplicasChanged<>(set(1, List.of(1, 2), ALIVE)));
        assertThat(fetch(3, 10)).containsExactly(alter(1, 1, 2, 3));
    }

    @Test
    void saysAProposalAgainThatGotNoAnswer() {
        elect(0, List.of(1), 10);
        fetch(2, 10);

        step(new AlterIsrAnswered<>(EPOCH, 0, Errors.REQUEST_TIMED_OUT));
        assertThat(step(new Ticked<>(10))).containsExactly(alter(0, 1, 2));
        assertThat(step(new Ticked<>(10))).isEmpty();
    }

    @Test
    void goesOnWithoutAReplicaThatTheControllerRefused() {
        elect(0, List.of(1), 10);
        fetch(2, 10);
        append(15);
        nowMs += LAG_MS + 1;

        assertThat(step(new AlterIsrAnswered<>(EPOCH, 0, Errors.INELIGIBLE_REPLICA)))
                .containsExactly(new AdvanceHighWatermark<>(15));
    }

    @Test
    void staysCarefulWhenAnEarlierProposalMayStillArrive() {
        elect(0, List.of(1), 10);
        fetch(2, 10);
        append(15);
        nowMs += LAG_MS + 1;
        step(new AlterIsrAnswered<>(EPOCH, 0, Errors.REQUEST_TIMED_OUT));
        step(new Ticked<>(15));

        assertThat(step(new AlterIsrAnswered<>(EPOCH, 0, Errors.INELIGIBLE_REPLICA)))
                .isEmpty();
        assertThat(leader.highWatermark()).isEqualTo(10);
    }

    @Test
    void waitsForTheImageAfterAProposalThatCameTooLate() {
        elect(0, List.of(1), 10);
        fetch(2, 10);
        step(new AlterIsrAnswered<>(EPOCH, 0, Errors.INVALID_UPDATE_VERSION));

        assertThat(step(new Ticked<>(10))).isEmpty();
        step(new ReplicasChanged<>(set(7, List.of(1), ALIVE)));
        assertThat(fetch(2, 10)).containsExactly(alter(7, 1, 2));
    }

    @Test
    void ignoresAnAnswerToAProposalOfAnotherEpoch() {
        elect(0, List.of(1), 10);
        fetch(2, 10);

        step(new AlterIsrAnswered<>(EPOCH - 1, 0, Errors.REQUEST_TIMED_OUT));
        step(new AlterIsrAnswered<>(EPOCH, 3, Errors.REQUEST_TIMED_OUT));
        assertThat(step(new Ticked<>(10))).isEmpty();
    }

    @Test
    void waitsForAFollowerThatIsAboutToJoinButNotForOneThatFellBack() {
        step(new Elected<>(set(0, List.of(1), Map.of(1, 10L)), 10, 10)); // 2 is fenced, so it cannot be proposed
        logEnd = 10;
        fetch(2, 10);
        step(new ReplicasChanged<>(set(0, List.of(1), ALIVE)));

        append(15);
        assertThat(leader.highWatermark()).isEqualTo(10);
        nowMs += LAG_MS + 1;
        assertThat(step(new Ticked<>(15))).containsExactly(new AdvanceHighWatermark<>(15));
    }

    @Test
    void keepsTheHighWatermarkThatItHadAsAFollower() {
        highWatermark.advanceTo(7);
        elect(0, List.of(1, 2), 10);

        assertThat(leader.highWatermark()).isEqualTo(7);
        fetch(2, 3);
        assertThat(leader.highWatermark()).isEqualTo(7);
    }

    @Test
    void ignoresAnImageOlderThanTheOneItKnows() {
        elect(4, List.of(1), 10);

        step(new ReplicasChanged<>(set(3, List.of(1, 2), ALIVE)));
        append(12);
        assertThat(leader.highWatermark()).isEqualTo(12);
    }

    @Test
    void countsNoFollowerFromALifeBefore() {
        elect(0, List.of(1, 2), 0);
        append(5);
        fetch(2, 5);
        step(new LeaderEvent.Resigned<>(Errors.NOT_LEADER_OR_FOLLOWER));

        ReplicaSet next = new ReplicaSet(EPOCH + 1, 9, List.of(1, 2, 3), List.of(1, 2), 1, ALIVE);
        step(new Elected<>(next, 8, 8));
        assertThat(leader.highWatermark()).isEqualTo(5);
    }

    private void elect(int partitionEpoch, List<Integer> inSync, long end) {
        logEnd = end;
        step(new Elected<>(set(partitionEpoch, inSync, ALIVE), end, end));
    }

    private void append(long end) {
        logEnd = end;
        step(new Synced<>(end));
    }

    private List<LeaderEffect<String>> fetch(int node, long offset) {
        return step(new FollowerFetched<>(node, node * 10L, EPOCH, offset, logEnd, 0));
    }

    private void fetchDeleted(int node, long offset, long logStart) {
        step(new FollowerFetched<>(node, node * 10L, EPOCH, offset, logEnd, logStart));
    }

    private static ReplicaSet set(int partitionEpoch, List<Integer> inSync, Map<Integer, Long> brokerEpochs) {
        return new ReplicaSet(EPOCH, partitionEpoch, List.of(1, 2, 3), inSync, 1, brokerEpochs);
    }

    private static LeaderEffect<String> alter(int partitionEpoch, Integer... inSync) {
        return new AlterIsr<>(
                EPOCH,
                partitionEpoch,
                List.of(inSync).stream()
                        .map(node -> new InSyncReplica(node, node * 10L))
                        .toList());
    }

    private List<LeaderEffect<String>> step(LeaderEvent<String> event) {
        return leader.step(event, nowMs);
    }
}
