// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Refused;
import io.tailrace.cluster.metadata.ControllerEvent.Suspected;
import io.tailrace.cluster.metadata.ControllerEvent.Ticked;
import io.tailrace.cluster.metadata.ControllerReply.AlteredPartition;
import io.tailrace.cluster.metadata.ControllerReply.BrokerRegistered;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerReply.HeartbeatTaken;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.BrokerHeartbeat;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import io.tailrace.cluster.metadata.ControllerRequest.FailedReplica;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.IsrChange;
import io.tailrace.cluster.metadata.ControllerRequest.IsrMember;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import io.tailrace.cluster.metadata.ControllerRequest.RegisterBroker;
import io.tailrace.cluster.metadata.ControllerRequest.ReportFailedReplicas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What the controller decides when there is more than one node: sessions, ISR, ELR, shutdown, preferred leaders, reassignment. */
class ManyNodesTest {

    private static final long SESSION_MS = ControllerHarness.LIVENESS.sessionTimeoutMs();
    private static final long SUSPICION_MS = ControllerHarness.LIVENESS.suspicionMs();
    private static final long REBALANCE_MS = ControllerHarness.LIVENESS.rebalanceIntervalMs();

    /** Node 1 is the controller's; partition 0 of "t" is on 2, 3, 1, led by 2. */
    private final ControllerHarness harness = ControllerHarness.leadingThree();

    private void at(long nowMs) {
        while (harness.nowMs < nowMs) {
            harness.nowMs = Math.min(nowMs, harness.nowMs + 200);
            harness.step(new Ticked());
            harness.commitAll();
        }
    }

    private HeartbeatTaken beat(int node) {
        return beat(node, false);
    }

    private HeartbeatTaken beat(int node, boolean wantShutdown) {
        return (HeartbeatTaken) harness.ask(new BrokerHeartbeat(
                node, harness.broker(node).epoch(), harness.published().version(), false, wantShutdown));
    }

    private void fence(int node) {
        harness.ask(new FenceBroker(node, harness.broker(node).epoch(), true));
    }

    private BrokerRegistered restart(int node, boolean clean) {
        return (BrokerRegistered) harness.ask(new RegisterBroker(
                node,
                new Uuid(50, harness.published().version()),
                ControllerHarness.CLUSTER,
                List.of(),
                Optional.empty(),
                clean ? harness.broker(node).epoch() : -1));
    }

    private AlteredPartition alter(int leader, Integer... isr) {
        return harness.alter(leader, harness.inSync(isr));
    }

    private AlteredPartition alterAt(int leaderEpoch, int partitionEpoch, int leader, Integer... isr) {
        return harness.alter(leader, harness.inSync(leaderEpoch, partitionEpoch, isr));
    }

    @Test
    void fencesANodeThatIsSilentForASessionAndMovesItsLeaders() {
        harness.place(1, 2, 3, 1);
        at(SESSION_MS - 200);
        assertThat(beat(3).outcome().isOk()).isTrue();
        at(SESSION_MS);
        assertThat(harness.broker(2).fenced()).isTrue();
        assertThat(harness.broker(3).fenced()).isFalse();
        assertThat(harness.partition().leader()).isEqualTo(3);
        assertThat(harness.partition().isr()).containsExactly(3, 1);
        assertThat(harness.partition().leaderEpoch()).isEqualTo(1);
        assertThat(harness.partition().partitionEpoch()).isEqualTo(1);
    }

    @Test
    void neverFencesTheControllersOwnNodeForSilence() {
        at(3 * SESSION_MS);
        assertThat(harness.broker(1).fenced()).isFalse();
        assertThat(harness.broker(2).fenced()).isTrue();
    }

    @Test
    void suspicionShortensASessionAndAHeartbeatMakesUpForIt() {
        harness.step(new Suspected(2));
        harness.step(new Suspected(3));
        at(SUSPICION_MS - 200);
        beat(3);
        at(SUSPICION_MS);
        assertThat(harness.broker(2).fenced()).isTrue();
        assertThat(harness.broker(3).fenced()).isFalse();
    }

    @Test
    void aSuspectedNodeThatHasMissedHeartbeatsAlreadyIsGivenALittleTimeOnly() {
        at(2 * SUSPICION_MS);
        beat(3);
        harness.step(new Suspected(2));
        harness.step(new Suspected(3));
        at(2 * SUSPICION_MS + SUSPICION_MS / 4 - 1);
        assertThat(harness.broker(2).fenced()).isFalse();
        at(2 * SUSPICION_MS + SUSPICION_MS / 4);
        assertThat(harness.broker(2).fenced()).isTrue();
        assertThat(harness.broker(3).fenced()).isFalse();
    }

    @Test
    void aRefusedConnectionEndsTheSessionOfANodeThatMissesAHeartbeat() {
        at(400);
        beat(2);
        beat(3);
        harness.step(new Refused(2));
        at(400 + SUSPICION_MS / 2);
        assertThat(harness.broker(2).fenced()).isFalse();
        at(400 + SUSPICION_MS);
        assertThat(harness.broker(2).fenced()).isTrue();
        assertThat(harness.broker(3).fenced()).isFalse();
    }

    @Test
    void aRefusedConnectionIsNothingWhileHeartbeatsCome() {
        for (long nowMs = 400; nowMs < 3 * SESSION_MS; nowMs += 400) {
            at(nowMs);
            beat(2);
            harness.step(new Refused(2));
        }
        assertThat(harness.broker(2).fenced()).isFalse();
    }

    @Test
    void aSuspicionFromBeforeItLedCountsForANewController() {
        harness.step(new LeadershipChanged(2, 3));
        harness.step(new Suspected(3));
        harness.step(new LeadershipChanged(3, 1));
        at(SUSPICION_MS);
        assertThat(harness.broker(3).fenced()).isTrue();
        assertThat(harness.broker(2).fenced()).isFalse();
    }

    private void fail(int node, boolean readable) {
        var reply = (Done) harness.ask(new ReportFailedReplicas(
                node, harness.broker(node).epoch(), List.of(new FailedReplica(harness.id(), 0, readable))));
        assertThat(reply.outcome().isOk()).isTrue();
    }

    @Test
    void aFailedReplicaLeadsNoMoreAndIsTrustedNoMore() {
        harness.place(3, 2, 3, 1);
        fail(2, false);
        assertThat(harness.partition().leader()).isEqualTo(3);
        assertThat(harness.partition().isr()).containsExactly(3, 1);
        assertThat(harness.partition().elr()).isEmpty();
        assertThat(harness.partition().leaderEpoch()).isEqualTo(1);
        assertThat(harness.broker(2).active()).isTrue();
    }

    @Test
    void theLastReplicaThatFailedLeadsNothingUnlessItCanBeRead() {
        harness.place(1, 2);
        fail(2, true);
        assertThat(harness.partition().leader()).isEqualTo(2);
        fail(2, false);
        assertThat(harness.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        assertThat(harness.partition().isr()).containsExactly(2);
    }

    @Test
    void takesNoReportOfAnEarlierStart() {
        harness.place(1, 2, 3);
        var reply = (Done) harness.ask(new ReportFailedReplicas(
                2, harness.broker(2).epoch() - 1, List.of(new FailedReplica(harness.id(), 0, false))));
        assertThat(reply.outcome().error()).isEqualTo(Errors.STALE_BROKER_EPOCH);
        assertThat(harness.partition().leader()).isEqualTo(2);
    }

    @Test
    void judgesNobodyByItsOwnPause() {
        harness.nowMs = 10 * SESSION_MS;
        harness.step(new Ticked());
        harness.commitAll();
        assertThat(harness.broker(2).fenced()).isFalse();
        at(11 * SESSION_MS);
        assertThat(harness.broker(2).fenced()).isTrue();
    }

    @Test
    void aNewControllerGivesEverybodyAWholeSession() {
        at(SESSION_MS - 200);
        harness.step(new LeadershipChanged(2, 3));
        harness.step(new LeadershipChanged(3, 1));
        at(SESSION_MS + 1_000);
        assertThat(harness.broker(2).fenced()).isFalse();
    }

    @Test
    void unfencesANodeOnceItHasSeenItsOwnRegistration() {
        fence(2);
        long epoch = restart(2, true).brokerEpoch();
        var early = (HeartbeatTaken) harness.ask(new BrokerHeartbeat(2, epoch, epoch - 1, false, false));
        assertThat(early).isEqualTo(new HeartbeatTaken(Outcome.ok(), false, true, false));
        var later = (HeartbeatTaken) harness.ask(new BrokerHeartbeat(2, epoch, epoch, false, false));
        assertThat(later).isEqualTo(new HeartbeatTaken(Outcome.ok(), true, false, false));
        assertThat(harness.broker(2).fenced()).isFalse();
    }

    @Test
    void refusesTheHeartbeatOfAnEarlierStart() {
        var stale = (HeartbeatTaken) harness.ask(new BrokerHeartbeat(2, 0, 0, false, false));
        assertThat(stale.outcome().error()).isEqualTo(Errors.STALE_BROKER_EPOCH);
    }

    @Test
    void refusesASecondProcessUnderTheControllersOwnId() {
        ControllerConfig config = new ControllerConfig(
                1,
                ControllerHarness.CLUSTER,
                new TopicDefaults(1, 1, true),
                Map.of(),
                Optional.of(new Uuid(9, 1)),
                ControllerHarness.LIVENESS);
        ControllerHarness leading = ControllerHarness.leading(config, ConfigPolicy.permissive());
        var clone = (BrokerRegistered) leading.ask(
                new RegisterBroker(1, new Uuid(7, 7), ControllerHarness.CLUSTER, List.of(), Optional.empty()));
        assertThat(clone.outcome().error()).isEqualTo(Errors.DUPLICATE_BROKER_REGISTRATION);
    }

    @Test
    void leaderShrinksAndGrowsTheIsr() {
        harness.place(1, 2, 3, 1);
        AlteredPartition shrunk = alter(2, 2, 1);
        assertThat(shrunk.outcome()).isEqualTo(Outcome.ok());
        assertThat(shrunk.now()).contains(harness.partition());
        assertThat(harness.partition().isr()).containsExactly(2, 1);
        assertThat(harness.partition().leaderEpoch()).isZero();
        assertThat(harness.partition().partitionEpoch()).isEqualTo(1);
        assertThat(alter(2, 2, 1, 3).outcome()).isEqualTo(Outcome.ok());
        assertThat(harness.partition().isr()).containsExactly(2, 1, 3);
    }

    @Test
    void refusesIsrChangesThatAreNotOfNow() {
        harness.place(1, 2, 3, 1);
        alter(2, 2, 1);
        assertThat(alterAt(0, 0, 2, 2).outcome().error()).isEqualTo(Errors.INVALID_UPDATE_VERSION);
        assertThat(alterAt(1, 1, 2, 2).outcome().error()).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(alterAt(0, 2, 2, 2).outcome().error()).isEqualTo(Errors.NOT_CONTROLLER);
        assertThat(alter(3, 3, 2).outcome().error()).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(2, 3).outcome().error()).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(2, 2, 2).outcome().error()).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(2, 2, 9).outcome().error()).isEqualTo(Errors.INVALID_REQUEST);
        fence(2);
        assertThat(alterAt(0, 1, 2, 2).outcome().error()).isEqualTo(Errors.FENCED_LEADER_EPOCH);
        IsrChange unknown = new IsrChange(new Uuid(1, 1), 0, 0, 0, List.of(new IsrMember(3, -1)));
        assertThat(harness.alter(3, unknown).outcome().error()).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        IsrChange noSuch = new IsrChange(harness.id(), 5, 0, 0, List.of(new IsrMember(3, -1)));
        assertThat(harness.alter(3, noSuch).outcome().error()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(harness.partition().isr()).containsExactly(1);
    }

    @Test
    void letsNoReplicaIntoTheIsrThatIsFencedOrWasStartedAnew() {
        harness.place(1, 2, 3, 1);
        fence(3);
        assertThat(alter(2, 2, 1, 3).outcome().error()).isEqualTo(Errors.INELIGIBLE_REPLICA);
        long old = harness.broker(3).epoch();
        restart(3, true);
        beat(3);
        PartitionImage now = harness.partition();
        IsrChange judgedBefore = new IsrChange(
                harness.id(),
                0,
                now.leaderEpoch(),
                now.partitionEpoch(),
                List.of(new IsrMember(2, harness.broker(2).epoch()), new IsrMember(3, old)));
        assertThat(harness.alter(2, judgedBefore).outcome().error()).isEqualTo(Errors.INELIGIBLE_REPLICA);
        assertThat(alter(2, 2, 1, 3).outcome()).isEqualTo(Outcome.ok());
    }

    @Test
    void trustsWhoLeftTheIsrWhenNothingCouldBeCommittedWithoutIt() {
        harness.place(2, 2, 3, 1);
        fence(3);
        assertThat(harness.partition().elr())
                .as("the ISR is large enough without it")
                .isEmpty();
        fence(1);
        assertThat(harness.partition().isr()).containsExactly(2);
        assertThat(harness.partition().elr()).containsExactly(1);
        fence(2);
        assertThat(harness.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);

        restart(1, true);
        beat(1);
        assertThat(harness.partition().leader()).isEqualTo(1);
        assertThat(harness.partition().isr()).containsExactly(1);
        assertThat(harness.partition().elr()).containsExactly(2);
    }

    @Test
    void electsNobodyWhoMayLackWhatWasCommitted() {
        harness.place(2, 2, 3, 1);
        fence(3);
        fence(1);
        fence(2);
        restart(3, true);
        beat(3);
        assertThat(harness.partition().leader())
                .as("3 left while the ISR was large enough")
                .isEqualTo(-1);
        restart(1, false);
        beat(1);
        assertThat(harness.partition().leader()).as("1 crashed").isEqualTo(-1);
        assertThat(harness.partition().elr()).isEmpty();
        assertThat(harness.partition().lastKnownElr()).containsExactly(1);
        restart(2, true);
        beat(2);
        assertThat(harness.partition().leader()).isEqualTo(2);
    }

    @Test
    void aCrashOfTheLastWhoIsTrustedLeavesItTheBestThereIs() {
        harness.place(1, 2, 3);
        fence(3);
        fence(2);
        restart(2, false);
        assertThat(harness.partition().isr()).containsExactly(2);
        beat(2);
        assertThat(harness.partition().leader()).isEqualTo(2);
    }

    @Test
    void aCrashedLastMemberOfTheIsrGivesWayToTheEligible() {
        harness.place(2, 2, 3);
        fence(3);
        fence(2);
        restart(2, false);
        beat(2);
        assertThat(harness.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        assertThat(harness.partition().isr()).containsExactly(3);
        restart(3, true);
        beat(3);
        assertThat(harness.partition().leader()).isEqualTo(3);
    }

    @Test
    void electsUncleanlyOnlyWhereTheTopicAllowsIt() {
        harness.place(1, 2, 3);
        fence(3);
        fence(2);
        restart(3, true);
        beat(3);
        assertThat(harness.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        configure("unclean.leader.election.enable", "true");
        fence(3);
        beat(3);
        assertThat(harness.partition().leader()).isEqualTo(3);
        assertThat(harness.partition().isr()).containsExactly(3);
    }

    private void configure(String key, String value) {
        harness.ask(new AlterConfigs(
                List.of(new ConfigAlteration(
                        ConfigTarget.topic("t"),
                        List.of(new ConfigChange(ConfigOperation.SET, key, Optional.of(value))))),
                false,
                false));
    }

    @Test
    void trustsNobodyOutOfSyncOnceFewerMustBeInSync() {
        harness.place(2, 2, 3, 1);
        fence(3);
        fence(1);
        assertThat(harness.partition().elr()).containsExactly(1);
        configure("min.insync.replicas", "1");
        assertThat(harness.partition().elr()).isEmpty();
        assertThat(harness.partition().leaderEpoch()).isZero();
    }

    @Test
    void aNodeThatShutsDownIsRelievedFirstAndStopsWhenAllKnow() {
        harness.place(1, 2, 3, 1);
        assertThat(beat(2, true).shouldShutDown()).isFalse();
        assertThat(harness.broker(2).leaving()).isTrue();
        assertThat(harness.broker(2).fenced()).isFalse();
        assertThat(harness.partition().leader()).isEqualTo(3);
        assertThat(harness.partition().isr()).containsExactly(3, 1);
        assertThat(beat(2, true).shouldShutDown()).as("3 has not seen it").isFalse();
        beat(3);
        HeartbeatTaken last = beat(2, true);
        assertThat(last.shouldShutDown()).isTrue();
        assertThat(last.fenced()).isTrue();
        assertThat(harness.broker(2).fenced()).isTrue();
    }

    @Test
    void nobodyIsGivenALeadershipThatIsAboutToLeave() {
        beat(2, true);
        harness.created("u", 4, 1);
        assertThat(harness.published().topic("u").orElseThrow().partitions()).noneMatch(it -> it.leader() == 2);
    }

    @Test
    void theLastNodeStopsAtOnceAndKeepsWhatItLeads() {
        harness.place(1, 1);
        fence(2);
        fence(3);
        assertThat(beat(1, true).shouldShutDown()).isTrue();
        assertThat(harness.partition().leader()).isEqualTo(1);
    }

    @Test
    void preferredLeadersLeadAgainAfterAWhile() {
        harness.place(1, 2, 3, 1);
        fence(2);
        restart(2, true);
        beat(2);
        alter(3, 3, 1, 2);
        assertThat(harness.partition().leader()).isEqualTo(3);
        long start = harness.nowMs;
        while (harness.nowMs < start + REBALANCE_MS + 1_000) {
            beat(2);
            beat(3);
            at(harness.nowMs + 1_000);
        }
        assertThat(harness.partition().leader()).isEqualTo(2);
    }

    @Test
    void aReassignmentEndsWhenTheNewReplicasAreInSync() {
        harness.place(1, 2, 3);
        harness.ask(new AlterReassignments(
                List.of(new Reassignment(new TopicPartition("t", 0), Optional.of(List.of(3, 1)))), false));
        assertThat(harness.partition().replicas()).containsExactly(3, 1, 2);
        assertThat(harness.partition().addingReplicas()).containsExactly(1);
        assertThat(harness.partition().leader()).isEqualTo(2);

        AlteredPartition last = alter(2, 2, 3, 1);
        assertThat(last.outcome().error()).isEqualTo(Errors.NEW_LEADER_ELECTED);
        assertThat(harness.partition().replicas()).containsExactly(3, 1);
        assertThat(harness.partition().isr()).containsExactlyInAnyOrder(3, 1);
        assertThat(harness.partition().addingReplicas()).isEmpty();
        assertThat(harness.partition().removingReplicas()).isEmpty();
        assertThat(harness.partition().leader()).isEqualTo(3);
        assertThat(harness.partition().leaderEpoch()).isEqualTo(1);
    }
}
