// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.replication.LeaderEffect.Acknowledge;
import io.tailrace.cluster.replication.LeaderEffect.AdvanceHighWatermark;
import io.tailrace.cluster.replication.LeaderEffect.Append;
import io.tailrace.cluster.replication.LeaderEffect.Refuse;
import io.tailrace.cluster.replication.LeaderEvent.AppendRequested;
import io.tailrace.cluster.replication.LeaderEvent.Appended;
import io.tailrace.cluster.replication.LeaderEvent.Elected;
import io.tailrace.cluster.replication.LeaderEvent.Expired;
import io.tailrace.cluster.replication.LeaderEvent.ReplicasChanged;
import io.tailrace.cluster.replication.LeaderEvent.Resigned;
import io.tailrace.cluster.replication.LeaderEvent.Synced;
import io.tailrace.cluster.replication.LeaderEvent.WriteFailed;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class LeaderReplicaTest {

    private static final short ALL = -1;
    private static final short ONE = 1;
    private static final short ZERO = 0;
    private static final long LAG_MS = 1_000;
    private static final List<Integer> ALONE = List.of(1);

    private final LeaderReplica<String> replica = new LeaderReplica<>(1, new HighWatermark(0), LAG_MS);

    @Test
    void refusesEverythingBeforeItIsElected() {
        assertThat(step(new AppendRequested<>("a", ALL, -1)))
                .containsExactly(new Refuse<>("a", Errors.NOT_LEADER_OR_FOLLOWER));
        assertThat(replica.check(-1)).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void letsAProducerOfTheCurrentEpochAppend() {
        elect(5, ALONE, 1, 0);

        assertThat(step(new AppendRequested<>("a", ALL, 5))).containsExactly(new Append<>("a"));
        assertThat(step(new AppendRequested<>("b", ALL, -1))).containsExactly(new Append<>("b"));
    }

    @Test
    void fencesAppendFromOldLeaderEpoch() {
        elect(5, ALONE, 1, 0);

        assertThat(step(new AppendRequested<>("a", ALL, 4)))
                .containsExactly(new Refuse<>("a", Errors.FENCED_LEADER_EPOCH));
    }

    @Test
    void doesNotKnowAnEpochAboveItsOwn() {
        elect(5, ALONE, 1, 0);

        assertThat(step(new AppendRequested<>("a", ALL, 6)))
                .containsExactly(new Refuse<>("a", Errors.UNKNOWN_LEADER_EPOCH));
    }

    @Test
    void acknowledgesOnlyWhatIsDurable() {
        elect(0, ALONE, 1, 0);
        assertThat(step(new Appended<>("a", ALL, 3))).isEmpty();
        assertThat(step(new Appended<>("b", ONE, 5))).isEmpty();

        assertThat(step(new Synced<>(4))).containsExactly(new AdvanceHighWatermark<>(4), new Acknowledge<>("a"));
        assertThat(step(new Synced<>(5))).containsExactly(new AdvanceHighWatermark<>(5), new Acknowledge<>("b"));
    }

    @Test
    void doesNotLetAcksZeroWait() {
        elect(0, ALONE, 1, 0);

        assertThat(step(new Appended<>("a", ZERO, 3))).containsExactly(new Acknowledge<>("a"));
        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void acknowledgesADuplicateOfWhatIsDurableAtOnce() {
        elect(0, ALONE, 1, 10);

        assertThat(step(new Appended<>("again", ALL, 7))).containsExactly(new Acknowledge<>("again"));
    }

    @Test
    void servesADuplicateOfWhatStillWaitsTogetherWithIt() {
        elect(0, ALONE, 1, 0);
        step(new Appended<>("first", ALL, 3));
        step(new Appended<>("second", ALL, 6));
        step(new Appended<>("first again", ALL, 3));

        assertThat(step(new Synced<>(3)))
                .containsExactly(
                        new AdvanceHighWatermark<>(3), new Acknowledge<>("first"), new Acknowledge<>("first again"));
        assertThat(step(new Synced<>(6))).endsWith(new Acknowledge<>("second"));
    }

    @Test
    void refusesAcksAllBelowTheMinimumOfInSyncReplicasAndTakesAcksOne() {
        elect(0, ALONE, 2, 0);

        assertThat(step(new AppendRequested<>("a", ALL, -1)))
                .containsExactly(new Refuse<>("a", Errors.NOT_ENOUGH_REPLICAS));
        assertThat(step(new AppendRequested<>("b", ONE, -1))).containsExactly(new Append<>("b"));
    }

    @Test
    void keepsTheHighWatermarkBelowTheMinimumOfInSyncReplicas() {
        elect(0, ALONE, 2, 0);
        step(new Appended<>("a", ONE, 3));

        assertThat(step(new Synced<>(3))).containsExactly(new Acknowledge<>("a"));
        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void tellsWaitersWhenInSyncReplicasShrinkBelowTheMinimum() {
        elect(0, List.of(1, 2), 2, 0);
        step(new Appended<>("all", ALL, 3));
        step(new Appended<>("one", ONE, 4));

        assertThat(step(new ReplicasChanged<>(replicas(0, 1, ALONE, 2))))
                .containsExactly(new Refuse<>("all", Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND));
        assertThat(step(new Synced<>(4))).containsExactly(new Acknowledge<>("one"));
    }

    @Test
    void waitsForTheOtherReplicasBeforeItAcknowledgesAcksAll() {
        elect(0, List.of(1, 2), 1, 0);
        step(new Appended<>("all", ALL, 3));

        assertThat(step(new Synced<>(3))).isEmpty();
    }

    @Test
    void answersAllWaitersWhenItResigns() {
        elect(0, ALONE, 1, 0);
        step(new Appended<>("all", ALL, 3));
        step(new Appended<>("one", ONE, 4));

        assertThat(step(new Resigned<>(Errors.NOT_LEADER_OR_FOLLOWER)))
                .containsExactlyInAnyOrder(
                        new Refuse<>("all", Errors.NOT_LEADER_OR_FOLLOWER),
                        new Refuse<>("one", Errors.NOT_LEADER_OR_FOLLOWER));
        assertThat(step(new Synced<>(9))).isEmpty();
        assertThat(replica.highWatermark()).isZero();
    }

    @Test
    void voidsOnlyWhatAFailedWriteLost() {
        elect(0, ALONE, 1, 0);
        step(new Appended<>("written", ALL, 3));
        step(new Appended<>("lost", ALL, 6));

        assertThat(step(new WriteFailed<>(3, Errors.KAFKA_STORAGE_ERROR)))
                .containsExactly(new Refuse<>("lost", Errors.KAFKA_STORAGE_ERROR));
        assertThat(step(new Synced<>(3))).endsWith(new Acknowledge<>("written"));
    }

    @Test
    void givesUpOnAnExpiredWaiterOnce() {
        elect(0, List.of(1, 2), 1, 0);
        step(new Appended<>("slow", ALL, 3));

        assertThat(step(new Expired<>("slow"))).containsExactly(new Refuse<>("slow", Errors.REQUEST_TIMED_OUT));
        assertThat(step(new Expired<>("slow"))).isEmpty();
    }

    @Test
    void startsWithTheHighWatermarkAtTheDurableEndWhenAlone() {
        assertThat(step(new Elected<>(replicas(3, 0, ALONE, 1), 42, 42)))
                .containsExactly(new AdvanceHighWatermark<>(42));
    }

    @Test
    void ignoresAnElectionThatItHasHadAlready() {
        elect(5, ALONE, 1, 10);
        step(new Appended<>("a", ALL, 12));

        assertThat(step(new Elected<>(replicas(5, 0, ALONE, 1), 10, 10))).isEmpty();
        assertThat(step(new Synced<>(12))).endsWith(new Acknowledge<>("a"));
    }

    private void elect(int epoch, List<Integer> inSync, int minInSync, long durableEnd) {
        step(new Elected<>(replicas(epoch, 0, inSync, minInSync), durableEnd, durableEnd));
    }

    private static ReplicaSet replicas(int epoch, int partitionEpoch, List<Integer> inSync, int minInSync) {
        return new ReplicaSet(epoch, partitionEpoch, inSync, inSync, minInSync, Map.of());
    }

    private List<LeaderEffect<String>> step(LeaderEvent<String> event) {
        return replica.step(event, 0);
    }
}
