// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static io.tailrace.cluster.quorum.TestQuorum.voter;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.QuorumView;
import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Who votes in the metadata log and who only follows it, while nodes come, die and go. */
@Execution(ExecutionMode.CONCURRENT)
class QuorumMembersTest {

    @TempDir
    Path dir;

    private static List<Integer> ids(List<QuorumView.Member> members) {
        return members.stream().map(QuorumView.Member::nodeId).toList();
    }

    @Test
    void growsFromOneToThreeVotersAndAnObserverAndOutlivesItsLeader() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(4);
            quorum.append("before");
            for (int node = 2; node <= 4; node++) {
                quorum.admit(node, 3);
            }
            quorum.append("after");
            for (int node = 1; node <= 4; node++) {
                quorum.awaitTexts(node, "before", "after");
            }
            QuorumView view = quorum.view();
            assertThat(view.term()).isPositive();
            assertThat(ids(view.voters())).containsExactly(1, 2, 3);
            assertThat(ids(view.observers())).containsExactly(4);

            int before = quorum.leaderId();
            quorum.stop(before);
            quorum.append("without that one");
            for (int node = 2; node <= 4; node++) {
                if (node != before) {
                    quorum.awaitTexts(node, "before", "after", "without that one");
                }
            }
            assertThat(quorum.view().term()).isGreaterThan(view.term());
        }
    }

    @Test
    void anObserverVotesInThePlaceOfAVoterThatIsExpelled() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(4);
            for (int node = 2; node <= 4; node++) {
                quorum.admit(node, 3);
            }
            quorum.append("a");
            quorum.awaitTexts(4, "a");
            quorum.stop(2);
            // An observer that was started as one, too.
            quorum.stop(4);
            quorum.startAgain(4);
            quorum.append("b");
            quorum.awaitTexts(4, "a", "b");

            quorum.expel(2, 3);

            assertThat(ids(quorum.view().voters())).containsExactly(1, 3, 4);
            assertThat(quorum.view().observers()).isEmpty();
            quorum.stop(quorum.leaderId() == 4 ? 1 : quorum.leaderId());
            quorum.append("with the vote of the fourth");
        }
    }

    /** Two voters and an observer; the observer gets a vote, one that had one loses it, and is missed by nobody. */
    @Test
    void votesAreGivenAndTakenWhileTheLogGoesOn() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(3);
            quorum.admit(2, 2);
            quorum.admit(3, 2);
            quorum.append("a");

            quorum.setVote(3, true);
            assertThat(ids(quorum.view().voters())).containsExactly(1, 2, 3);

            int other = quorum.leaderId() == 1 ? 2 : 1;
            quorum.setVote(other, false);
            assertThat(ids(quorum.view().voters())).hasSize(2).doesNotContain(other);
            assertThat(ids(quorum.view().observers())).containsExactly(other);
            quorum.append("b");
            quorum.awaitTexts(other, "a", "b");
        }
    }

    /** With two voters every entry and every election needs both. */
    @Test
    void aVoteCountsAtOnceAndWithoutAnElection() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(2);
            RatisMetadataLog first = quorum.log(1);
            quorum.admit(2, 1);
            quorum.append("a");
            quorum.awaitTexts(2, "a");
            long term = first.describe().term();

            quorum.setVote(2, true);
            TestQuorum.append(first, "b");
            assertThat(first.describe().term()).isEqualTo(term);

            quorum.resign(1);
            quorum.listener(2).await(() -> quorum.listener(2).leader() == 2);
            TestQuorum.append(quorum.log(2), "c");
            quorum.awaitTexts(1, "a", "b", "c");
        }
    }

    @Test
    void votesGoToAndFroAsFastAsTheyAreAskedFor() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(4);
            for (int node = 2; node <= 4; node++) {
                quorum.admit(node, 3);
            }
            for (int round = 0; round < 5; round++) {
                quorum.setVote(4, true);
                quorum.setVote(4, false);
                quorum.append("round " + round);
            }
            assertThat(ids(quorum.view().voters())).containsExactly(1, 2, 3);
            // The one that observes again must not stand for election.
            quorum.resign(quorum.leaderId());
            quorum.listener(4).await(() -> quorum.listener(4).texts().size() == 5);
        }
    }

    /** To Ratis it is a follower at first: one that stands for election finds no vote of its own, and ends itself. */
    @Test
    void anObserverOutlivesALossOfAllVoters() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(3);
            quorum.admit(2, 2);
            quorum.admit(3, 2);
            quorum.append("a");
            quorum.awaitTexts(3, "a");
            // Twice: with the first leader that comes after, Ratis begins to watch for its silence.
            for (int round = 0; round < 2; round++) {
                quorum.stop(1);
                quorum.stop(2);
                quorum.startAgain(1);
                quorum.startAgain(2);
                quorum.append("b" + round);
            }
            quorum.awaitTexts(3, "a", "b0", "b1");
        }
    }

    /** The leader that let it in waits for it with everybody else who is to be let in: another one has to lead. */
    @Test
    void anObserverThatDiedKeepsNobodyElseOut() throws Exception {
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(5);
            for (int node = 2; node <= 4; node++) {
                quorum.admit(node, 3);
            }
            quorum.append("a");
            quorum.awaitTexts(4, "a");
            int leader = quorum.leaderId();
            quorum.stop(4);

            quorum.admit(5, 3);

            assertThat(quorum.leaderId()).isNotEqualTo(leader);
            assertThat(ids(quorum.view().observers())).containsExactly(4, 5);
            quorum.append("b");
            quorum.awaitTexts(5, "a", "b");
        }
    }

    @Test
    void aNodeThatLostItsDiskTakesItsOwnPlace() throws Exception {
        Voter again = new Voter(2, "otherDisk", voter(2).address());
        try (TestQuorum quorum = new TestQuorum(dir)) {
            quorum.startOneAndThoseThatMayJoin(3);
            quorum.admit(2, 3);
            quorum.admit(3, 3);
            quorum.append("a");
            quorum.awaitTexts(2, "a");
            quorum.stop(2);

            quorum.startAgain(again, "n2again");
            quorum.admit(again, 3);

            quorum.awaitTexts(2, "a");
            assertThat(quorum.view().voters())
                    .extracting(QuorumView.Member::directoryId)
                    .containsExactly("dir1", "otherDisk", "dir3");
        }
    }
}
