// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.OffsetRequest;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose commits and fetches of offsets a consumer group takes; after each test the log must say what the machine knows. */
class ConsumerOffsetsTest {

    private final GroupBench bench = new GroupBench();

    @AfterEach
    void replayEqualsLive() {
        assertThat(bench.replayed()).isEqualTo(bench.replicated());
    }

    private ProtocolMember member(String id, String... topics) {
        return new ProtocolMember(bench, id, topics);
    }

    @Test
    void takesCommitsOfMembersInTheirEpochOnly() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        assertThat(bench.commit("a", 1, 9, 0)).containsExactly(Errors.NONE);
        assertThat(bench.commit("a", 2, 9, 0)).containsExactly(Errors.STALE_MEMBER_EPOCH);
        assertThat(bench.commit("b", 1, 9, 0)).containsExactly(Errors.UNKNOWN_MEMBER_ID);
        assertThat(bench.commit("a", 1, 8, 0)).containsExactly(Errors.UNSUPPORTED_VERSION);
        assertThat(bench.commit("", -1, 9, 0)).containsExactly(Errors.UNKNOWN_MEMBER_ID);
        a.leave();
        assertThat(bench.commit("", -1, 9, 0)).containsExactly(Errors.NONE);
    }

    @Test
    void takesALateCommitOfWhatWasTheMembersOwnAllTheTime() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        ProtocolMember.settle(a, b);
        int kept = a.owned().first().partition();
        int lost = 1 - kept;
        assertThat(a.epoch()).isEqualTo(2);
        assertThat(bench.commit("a", 1, 9, kept)).containsExactly(Errors.NONE);
        assertThat(bench.commit("a", 1, 9, lost)).containsExactly(Errors.STALE_MEMBER_EPOCH);
        assertThat(bench.commit("b", 1, 9, lost)).containsExactly(Errors.STALE_MEMBER_EPOCH);
    }

    @Test
    void checksTheEpochOfWhoeverFetchesAsAMember() {
        bench.topic("t", 1);
        member("a", "t").beatAndReconcile();
        assertThat(fetch("a", 1)).isEqualTo(Errors.NONE);
        assertThat(fetch("a", 0)).isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(fetch("b", 1)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(fetch(null, -1)).isEqualTo(Errors.NONE);
    }

    private Errors fetch(String memberId, int epoch) {
        return bench.ask(new OffsetRequest.Fetch(GROUP, memberId, epoch, false, null), OffsetRequest.Fetched.class)
                .error();
    }
}
