// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import static io.tailrace.cluster.group.classic.Members.bytes;
import static io.tailrace.cluster.group.classic.Members.group;
import static io.tailrace.cluster.group.classic.Members.join;
import static io.tailrace.cluster.group.classic.Members.leave;
import static io.tailrace.cluster.group.classic.Members.sync;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.GroupHarness;
import io.tailrace.cluster.group.GroupRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * All orders in which up to four members join and leave, or die in place of leaving. After each step the group is left to settle; then
 * everybody who is there must be in one generation, with an assignment of its own, and nobody may wait.
 */
final class JoinLeaveOrdersTest {

    private enum Deed {
        JOIN,
        LEAVE,
        DIE
    }

    private record Move(int member, Deed deed) {}

    @Test
    void theGroupSettlesAfterEveryOrderOfJoinsLeavesAndDeaths() {
        int[] runs = {0};
        extend(new ArrayList<>(), 0, 0, runs);
        assertThat(runs[0]).isEqualTo(300);
    }

    /** Each member joins once and then may leave or die: all sequences of six moves, members that have not joined yet being alike. */
    private void extend(List<Move> moves, int joined, int gone, int[] runs) {
        if (moves.size() == 6 || (gone == 0b1111)) {
            run(moves);
            runs[0]++;
            return;
        }
        boolean extended = false;
        for (int member = 0; member < 4; member++) {
            int bit = 1 << member;
            // Members that have not joined yet are alike: only the next of them need be tried.
            boolean next = (joined & bit) == 0 && (member == 0 || (joined & bit >> 1) != 0);
            if (next) {
                extended = true;
                extend(with(moves, new Move(member, Deed.JOIN)), joined | bit, gone, runs);
            } else if ((joined & bit) != 0 && (gone & bit) == 0) {
                extended = true;
                extend(with(moves, new Move(member, Deed.LEAVE)), joined, gone | bit, runs);
                extend(with(moves, new Move(member, Deed.DIE)), joined, gone | bit, runs);
            }
        }
        assertThat(extended).isTrue();
    }

    private static List<Move> with(List<Move> moves, Move next) {
        List<Move> all = new ArrayList<>(moves);
        all.add(next);
        return all;
    }

    private static void run(List<Move> moves) {
        GroupHarness harness = new GroupHarness(GroupRules.DEFAULT.withInitialRebalanceDelayMs(0));
        Map<Integer, Client> clients = new HashMap<>();
        for (Move move : moves) {
            switch (move.deed()) {
                case JOIN -> clients.put(move.member(), new Client(harness, move.member()));
                case LEAVE -> {
                    Client leaver = clients.remove(move.member());
                    harness.send(leave(leaver.memberId));
                }
                case DIE -> clients.remove(move.member());
            }
            settle(harness, clients);
            check(moves, harness, clients);
        }
    }

    /** Lives longer than any timeout here, with a heartbeat each second. */
    private static void settle(GroupHarness harness, Map<Integer, Client> clients) {
        for (int second = 0; second < 45; second++) {
            clients.values().forEach(Client::live);
            harness.advance(1_000);
        }
    }

    private static void check(List<Move> moves, GroupHarness harness, Map<Integer, Client> clients) {
        ClassicGroup group = group(harness);
        assertThat(group.members()).as("members after %s", moves).hasSize(clients.size());
        assertThat(group.state())
                .as("state after %s", moves)
                .isEqualTo(clients.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE);
        for (Client client : clients.values()) {
            assertThat(client.generation).as("generation after %s", moves).isEqualTo(group.generation());
            assertThat(client.assignment).as("assignment after %s", moves).isEqualTo("of " + client.memberId);
        }
        assertThat(harness.successor().machine().groups().sorted())
                .as("replay after %s", moves)
                .hasToString(harness.machine().groups().sorted().toString());
    }

    /** A consumer: joins, syncs, heartbeats, and does what the answers tell it. */
    private static final class Client {

        private final GroupHarness harness;
        private final int number;
        private String memberId = "";
        private int generation = -1;
        private String assignment = "";
        private long joining;
        private long syncing = -1;

        Client(GroupHarness harness, int number) {
            this.harness = harness;
            this.number = number;
            this.joining = harness.send(join("", "id" + number));
        }

        void live() {
            if (joining >= 0) {
                onJoined(harness.answer(joining));
            } else if (syncing >= 0) {
                onSynced(harness.answer(syncing));
            } else {
                Errors error = harness.ask(Members.beat(memberId, generation), ClassicRequest.Beaten.class)
                        .error();
                if (error != Errors.NONE) {
                    joinAgain();
                }
            }
        }

        private void onJoined(@Nullable Object answer) {
            if (answer instanceof ClassicRequest.Joined joined) {
                assertThat(joined.error()).isEqualTo(Errors.NONE);
                joining = -1;
                memberId = joined.memberId();
                generation = joined.generation();
                Map<String, byte[]> assignments = new HashMap<>();
                joined.peers().forEach(peer -> assignments.put(peer.memberId(), bytes("of " + peer.memberId())));
                syncing = harness.send(sync(memberId, generation, assignments));
            }
        }

        private void onSynced(@Nullable Object answer) {
            if (answer instanceof ClassicRequest.Synced synced) {
                syncing = -1;
                if (synced.error() == Errors.NONE) {
                    assignment = new String(synced.assignment(), java.nio.charset.StandardCharsets.UTF_8);
                } else {
                    joinAgain();
                }
            }
        }

        private void joinAgain() {
            joining = harness.send(join(memberId, "id" + number));
        }
    }
}
