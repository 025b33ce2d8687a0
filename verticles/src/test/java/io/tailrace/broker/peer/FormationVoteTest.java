// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.peer.FormationVote.Told;
import io.tailrace.broker.peer.FormationVote.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormationVoteTest {

    private final FormationVote first = new FormationVote(1);

    private static Told blank(int node, boolean consents) {
        return new Told(node, "", consents);
    }

    @Test
    void aNodeAloneBeginsAtOnce() {
        assertThat(first.verdict(1, List.of(), true, 0, 0)).isEqualTo(new Verdict.Begin());
    }

    @Test
    void joinsTheClusterThatThereIs() {
        List<Told> told = List.of(blank(2, true), new Told(3, "c", false));
        assertThat(first.verdict(3, told, true, 0, 0)).isEqualTo(new Verdict.Join("c"));
    }

    @Test
    void waitsForMoreThanHalf() {
        assertThat(first.verdict(3, List.of(), true, 0, 0)).isInstanceOf(Verdict.Wait.class);
        assertThat(first.verdict(4, List.of(blank(2, true)), true, 0, 0)).isInstanceOf(Verdict.Wait.class);
    }

    @Test
    void asksForConsentBeforeItBegins() {
        assertThat(first.verdict(3, List.of(blank(2, false)), false, 0, 0)).isEqualTo(new Verdict.Candidate());
        assertThat(first.verdict(3, List.of(blank(2, false)), true, 0, 0)).isEqualTo(new Verdict.Candidate());
        assertThat(first.verdict(3, List.of(blank(2, true)), true, 0, 0)).isEqualTo(new Verdict.Begin());
    }

    @Test
    void usesNoConsentThatMayHaveRunOut() {
        assertThat(first.verdict(3, List.of(blank(2, true)), true, FormationVote.USE_MS, 0))
                .isEqualTo(new Verdict.Candidate());
    }

    @Test
    void leavesItToTheLowest() {
        assertThat(new FormationVote(2).verdict(3, List.of(blank(1, true)), true, 0, 0))
                .isInstanceOf(Verdict.Wait.class);
    }

    /** 1 and 3 do not see each other, 2 sees both: one of the two gets its consent. */
    @Test
    void consentsToOneAtATime() {
        FormationVote second = new FormationVote(2);
        assertThat(second.consent(1, 0)).isTrue();
        assertThat(second.consent(3, 10)).isFalse();
        assertThat(second.consent(1, 20)).isTrue();
        assertThat(second.verdict(3, List.of(blank(3, true)), true, 0, 30))
                .as("it has given its own away")
                .isInstanceOf(Verdict.Wait.class);
        assertThat(second.consent(3, 20 + FormationVote.CONSENT_MS)).isTrue();
    }

    @Test
    void choosesNoneOfTwoClusters() {
        List<Told> told = List.of(new Told(2, "c", false), new Told(3, "d", false));
        assertThat(first.verdict(3, told, true, 0, 0)).isInstanceOf(Verdict.Wait.class);
    }
}
