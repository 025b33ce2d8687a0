// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.gateway.group.MemberEffect.Beat;
import io.tailrace.gateway.group.MemberEffect.BeatLater;
import io.tailrace.gateway.group.MemberEffect.Fail;
import io.tailrace.gateway.group.MemberEffect.Find;
import io.tailrace.gateway.group.MemberEffect.FindLater;
import io.tailrace.gateway.group.MemberEffect.Leave;
import io.tailrace.gateway.group.MemberEffect.Lose;
import io.tailrace.gateway.group.MemberEffect.Opened;
import io.tailrace.gateway.group.MemberEffect.Read;
import io.tailrace.gateway.group.MemberEffect.Revoke;
import io.tailrace.gateway.group.MemberEvent.BeatDue;
import io.tailrace.gateway.group.MemberEvent.Beaten;
import io.tailrace.gateway.group.MemberEvent.Closed;
import io.tailrace.gateway.group.MemberEvent.FindDue;
import io.tailrace.gateway.group.MemberEvent.Found;
import io.tailrace.gateway.group.MemberEvent.Refused;
import io.tailrace.gateway.group.MemberEvent.ReleaseDue;
import io.tailrace.gateway.group.MemberEvent.Released;
import io.tailrace.gateway.group.MemberEvent.Started;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

final class MemberMachineTest {

    private static final long NOW = 0;

    private final MemberMachine machine = new MemberMachine();

    @Test
    void joinsWithNothingAndReadsWhatItIsAssigned() {
        assertThat(step(new Started())).containsExactly(new Find());
        assertThat(step(new Found())).containsExactly(new Beat(0, Set.of()));
        assertThat(step(new Beaten(3, 500, Set.of(0, 1))))
                .containsExactly(new Opened(), new Read(Set.of(0, 1)), new Beat(3, Set.of(0, 1)));
        assertThat(step(new Beaten(3, 500, null))).containsExactly(new BeatLater(500));
        assertThat(step(new BeatDue())).containsExactly(new Beat(3, null));
        assertThat(machine.reads(1)).isTrue();
    }

    @Test
    void keepsAPartitionThatIsTakenAwayUntilTheClientHasReleasedIt() {
        member(0, 1);
        step(new BeatDue());
        assertThat(step(new Beaten(3, 500, Set.of(0)))).containsExactly(new Revoke(Set.of(1)), new BeatLater(500));
        assertThat(machine.reads(1)).isFalse();
        assertThat(machine.owns(1)).as("it may commit").isTrue();
        step(new BeatDue());
        assertThat(step(new Beaten(3, 500, Set.of(0)))).containsExactly(new BeatLater(500));

        assertThat(step(new Released(Set.of(1)))).containsExactly(new Beat(3, Set.of(0)));
        assertThat(machine.owns(1)).isFalse();
        assertThat(step(new ReleaseDue(Set.of(1)))).isEmpty();
    }

    @Test
    void givesItBackWithoutTheClientWhenItsTimeIsOver() {
        member(0, 1);
        step(new BeatDue());
        step(new Beaten(3, 500, Set.of()));
        assertThat(step(new ReleaseDue(Set.of(0, 1)))).containsExactly(new Beat(3, Set.of()));
    }

    @Test
    void tellsWhatItReleasedAfterTheHeartbeatThatIsUnderWay() {
        member(0, 1);
        step(new BeatDue());
        step(new Beaten(3, 500, Set.of(0)));
        step(new BeatDue());
        assertThat(step(new Released(Set.of(1)))).isEmpty();
        assertThat(step(new Beaten(3, 500, null))).containsExactly(new Beat(3, Set.of(0)));
    }

    @Test
    void readsAgainWhatIsAssignedAgainWhileItIsReleased() {
        member(0, 1);
        step(new BeatDue());
        step(new Beaten(3, 500, Set.of(0)));
        step(new BeatDue());
        assertThat(step(new Beaten(4, 500, Set.of(0, 1)))).containsExactly(new BeatLater(500));
        assertThat(step(new Released(Set.of(1)))).containsExactly(new Read(Set.of(1)), new Beat(4, Set.of(0, 1)));
    }

    @Test
    void losesEverythingAndJoinsAnewWhenItWasGivenUp() {
        for (Errors error : List.of(Errors.FENCED_MEMBER_EPOCH, Errors.UNKNOWN_MEMBER_ID)) {
            MemberMachine fenced = member(new MemberMachine(), 0, 1);
            fenced.step(new BeatDue(), NOW);
            assertThat(fenced.step(new Refused(error), NOW))
                    .containsExactly(new Lose(Set.of(0, 1)), new Beat(0, Set.of()));
            assertThat(fenced.owns(0)).isFalse();
            assertThat(fenced.step(new Beaten(9, 500, Set.of(1)), NOW))
                    .containsExactly(new Read(Set.of(1)), new Beat(9, Set.of(1)));
        }
    }

    @Test
    void looksForTheCoordinatorAgainAndGoesOnAsTheSameMember() {
        member(0, 1);
        step(new BeatDue());
        assertThat(step(new Refused(Errors.NOT_COORDINATOR))).containsExactly(new FindLater(1));
        assertThat(step(new FindDue())).containsExactly(new Find());
        assertThat(step(new Refused(Errors.COORDINATOR_NOT_AVAILABLE))).containsExactly(new FindLater(2));
        step(new FindDue());
        assertThat(step(new Found())).containsExactly(new Beat(3, Set.of(0, 1)));
        assertThat(machine.reads(0)).isTrue();
    }

    @Test
    void givesUpWhatWillNeverDo() {
        step(new Started());
        step(new Found());
        assertThat(step(new Refused(Errors.GROUP_AUTHORIZATION_FAILED)))
                .containsExactly(new Fail(Errors.GROUP_AUTHORIZATION_FAILED));
        assertThat(step(new Closed())).isEmpty();
    }

    @Test
    void leavesAtOnceWhenTheClientIsGone() {
        member(0);
        assertThat(step(new Closed())).containsExactly(new Leave());
        assertThat(step(new Beaten(3, 500, Set.of()))).isEmpty();
    }

    private void member(Integer... partitions) {
        member(machine, partitions);
    }

    private static MemberMachine member(MemberMachine machine, Integer... partitions) {
        machine.step(new Started(), NOW);
        machine.step(new Found(), NOW);
        machine.step(new Beaten(3, 500, Set.of(partitions)), NOW);
        machine.step(new Beaten(3, 500, null), NOW);
        return machine;
    }

    private List<MemberEffect> step(MemberEvent event) {
        return machine.step(event, NOW);
    }
}
