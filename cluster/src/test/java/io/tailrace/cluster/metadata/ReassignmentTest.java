// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerReply.ReassignmentsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterReassignments;
import io.tailrace.cluster.metadata.ControllerRequest.FenceBroker;
import io.tailrace.cluster.metadata.ControllerRequest.Reassignment;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Whom a reassignment takes out, and when: what was committed must not be left to fewer than have to be in sync. */
class ReassignmentTest {

    private final ControllerHarness harness = ControllerHarness.leadingThree();

    private void reassign(Integer... replicas) {
        reassign(Optional.of(List.of(replicas)));
    }

    private void reassign(Optional<List<Integer>> replicas) {
        assertThat(ask(replicas)).isEqualTo(Errors.NONE);
    }

    private Errors ask(Optional<List<Integer>> replicas) {
        var reply = (ReassignmentsAltered) harness.ask(
                new AlterReassignments(List.of(new Reassignment(new TopicPartition("t", 0), replicas)), true));
        return reply.partitions().get(0).outcome().error();
    }

    /** Its leader finds these in sync. */
    private void inSync(Integer... isr) {
        Errors error = harness.alter(harness.partition().leader(), harness.inSync(isr))
                .outcome()
                .error();
        assertThat(error).isIn(Errors.NONE, Errors.NEW_LEADER_ELECTED);
    }

    private void cancel() {
        reassign(Optional.empty());
    }

    private void assertIsOver() {
        assertThat(harness.partition().addingReplicas()).isEmpty();
        assertThat(harness.partition().removingReplicas()).isEmpty();
    }

    @Test
    void oneThatAddsNobodyWaitsUntilAllThatStayAreInSync() {
        harness.place(2, 2, 3, 1);
        inSync(2, 1);

        reassign(3, 1);
        assertThat(harness.partition().replicas()).containsExactly(3, 1, 2);
        assertThat(harness.partition().isr()).containsExactly(2, 1);

        inSync(2, 1, 3);
        assertThat(harness.partition().replicas()).containsExactly(3, 1);
        assertThat(harness.partition().isr()).containsExactlyInAnyOrder(3, 1);
        assertThat(harness.partition().removingReplicas()).isEmpty();
    }

    @Test
    void oneThatAddsWaitsForThoseThatStayToo() {
        harness.place(2, 2, 3);
        inSync(2);

        reassign(3, 1);
        inSync(2, 1);
        assertThat(harness.partition().isr()).containsExactly(2, 1);

        inSync(2, 1, 3);
        assertThat(harness.partition().replicas()).containsExactly(3, 1);
    }

    @Test
    void oneInThePlaceOfAnotherKeepsWhomThatOneBroughtInSync() {
        harness.place(2, 2, 3);
        reassign(2, 3, 1);
        inSync(2, 1);

        reassign(2, 3);
        assertThat(harness.partition().isr()).containsExactly(2, 1);
        assertThat(harness.partition().removingReplicas()).containsExactly(1);

        inSync(2, 1, 3);
        assertThat(harness.partition().replicas()).containsExactly(2, 3);
        assertThat(harness.partition().addingReplicas()).isEmpty();
    }

    @Test
    void oneInThePlaceOfAnotherLetsGoWhomNobodyTrusts() {
        harness.place(2, 2, 3);
        reassign(2, 3, 1);

        reassign(3, 2);

        assertThat(harness.partition().replicas()).containsExactly(3, 2);
        assertThat(harness.partition().removingReplicas()).isEmpty();
    }

    @Test
    void aCancelGoesBackToTheReplicasBeforeTheFirstOfTwo() {
        harness.place(2, 2, 3);
        reassign(2, 3, 1);
        inSync(2, 1);
        reassign(2, 3);

        cancel();

        inSync(2, 1, 3);
        assertThat(harness.partition().replicas()).containsExactly(2, 3);
        assertIsOver();
    }

    @Test
    void aCancelIsOverAtOnceWhereEnoughOfThoseBeforeAreInSync() {
        harness.place(2, 2, 3);
        reassign(2, 1);

        cancel();

        assertThat(harness.partition().replicas()).containsExactly(2, 3);
        assertIsOver();
    }

    /** Kafka would take node 1 out at once, and leave what was committed to node 2 alone. */
    @Test
    void aCancelKeepsWhomTheMoveBroughtInSyncUntilThoseBeforeAre() {
        harness.place(2, 2, 3);
        reassign(2, 3, 1);
        inSync(2, 1);

        cancel();
        cancel();
        assertThat(harness.partition().isr()).containsExactly(2, 1);
        assertThat(harness.partition().removingReplicas()).containsExactly(1);

        inSync(2, 1, 3);
        assertThat(harness.partition().replicas()).containsExactly(2, 3);
        assertThat(harness.partition().isr()).containsExactly(2, 3);
        assertIsOver();
    }

    @Test
    void aCancelIsRefusedWhereNoneOfThoseBeforeIsInSync() {
        harness.place(1, 3);
        reassign(2, 1);
        inSync(3, 2);
        harness.ask(new FenceBroker(3, harness.broker(3).epoch(), true));
        assertThat(harness.partition().isr()).containsExactly(2);

        assertThat(ask(Optional.empty())).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    }
}
