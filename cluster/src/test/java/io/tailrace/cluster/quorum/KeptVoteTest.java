// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a vote that was told when Ratis' own file does not hold it any more. */
class KeptVoteTest {

    @TempDir
    Path folder;

    private KeptVote votedFor(long term, String candidate) throws IOException {
        KeptVote vote = new KeptVote(folder);
        ratisWrites(term, candidate);
        vote.restore();
        vote.keep(term, candidate);
        return vote;
    }

    private void ratisWrites(long term, String votedFor) throws IOException {
        ratisWrites("#\n#a date\nterm=" + term + "\nvotedFor=" + votedFor + "\n");
    }

    private void ratisWrites(String content) throws IOException {
        Path aside = Files.writeString(folder.resolve("raft-meta.tmp"), content);
        Files.move(aside, folder.resolve("raft-meta"), StandardCopyOption.REPLACE_EXISTING);
    }

    private String afterRestart() throws IOException {
        new KeptVote(folder).restore();
        return Files.readString(folder.resolve("raft-meta")).replaceAll("#.*\n", "");
    }

    @Test
    void comesBackWhereAFullDiskHasLeftAnEmptyFile() throws IOException {
        votedFor(7, "b");
        ratisWrites("");

        assertThat(afterRestart()).isEqualTo("term=7\nvotedFor=b\n");
    }

    @Test
    void comesBackWhereAPowerCutHasBroughtBackAnOlderFile() throws IOException {
        votedFor(7, "b");

        ratisWrites(6, "a");
        assertThat(afterRestart()).isEqualTo("term=7\nvotedFor=b\n");
        ratisWrites(7, "");
        assertThat(afterRestart()).isEqualTo("term=7\nvotedFor=b\n");
    }

    @Test
    void doesNotTakeAwayWhatRatisWroteLater() throws IOException {
        votedFor(7, "b");
        ratisWrites(8, "");

        assertThat(afterRestart()).isEqualTo("term=8\nvotedFor=\n");
    }

    @Test
    void isNotToldBeforeItIsWritten() throws IOException {
        KeptVote vote = votedFor(7, "b");

        assertThatThrownBy(() -> vote.keep(8, "c"))
                .as("Ratis did not get to it")
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the vote for c in term 8");
        assertThatThrownBy(() -> vote.keep(7, "c")).isInstanceOf(IOException.class);
        ratisWrites("");
        assertThatThrownBy(() -> vote.keep(8, "c"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no vote");
        assertThat(afterRestart()).isEqualTo("term=7\nvotedFor=b\n");
    }

    @Test
    void aNodeThatHasNeverVotedHasNothingToKeep() throws IOException {
        new KeptVote(folder.resolve("not there yet")).restore();

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theTermIsKeptWhereThatCanBeDone() throws IOException {
        KeptVote vote = votedFor(7, "b");
        ratisWrites(9, "");
        vote.follows(9);
        ratisWrites("");
        vote.follows(10);

        assertThat(afterRestart()).isEqualTo("term=9\nvotedFor=\n");
    }
}
