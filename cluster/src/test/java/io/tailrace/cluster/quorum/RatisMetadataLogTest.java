// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.metadata.QuorumView;
import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class RatisMetadataLogTest {

    private static final long NEVER = Long.MAX_VALUE;

    @TempDir
    Path dir;

    private static Voter voter(int node) {
        return new Voter(node, "dir" + node, "127.0.0.1:" + (19000 + node));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private RatisMetadataLog alone(long snapshotBytes) {
        return new RatisMetadataLog(QuorumConfig.single(dir, "cluster", voter(1), snapshotBytes), PeerTransport.none());
    }

    private static void append(RatisMetadataLog log, String text) throws Exception {
        long index = log.append(bytes(text)).toCompletableFuture().get(30, TimeUnit.SECONDS);
        assertThat(index).isPositive();
    }

    @Test
    void keepsEverythingThroughARestart() throws Exception {
        RecordingListener first = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(first);
            first.await(() -> first.leader() == 1);
            append(log, "a");
            append(log, "b");
            first.await(() -> first.texts().equals(List.of("a", "b")));
        }
        RecordingListener second = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(second);
            second.await(() -> second.leader() == 1);
            assertThat(second.texts()).containsExactly("a", "b");
            append(log, "c");
            second.await(() -> second.texts().equals(List.of("a", "b", "c")));
        }
    }

    @Test
    void startsFromASnapshotAndKeepsTwo() throws Exception {
        String big = "x".repeat(20_000);
        List<String> expected = new ArrayList<>();
        RecordingListener first = new RecordingListener();
        try (RatisMetadataLog log = alone(50_000)) {
            log.start(first);
            first.await(() -> first.leader() == 1);
            for (int i = 0; i < 40; i++) {
                append(log, big + i);
                expected.add(big + i);
            }
        }
        RecordingListener second = new RecordingListener();
        try (RatisMetadataLog log = alone(50_000)) {
            log.start(second);
            second.await(() -> second.leader() == 1);
            assertThat(second.wasRestored()).isTrue();
            assertThat(second.texts()).isEqualTo(expected);
        }
        try (Stream<Path> files = Files.walk(dir)) {
            assertThat(files.map(it -> it.getFileName().toString())
                            .filter(it -> it.startsWith("snapshot.") && !it.endsWith(".md5")))
                    .hasSizeBetween(1, 2);
        }
    }

    @Test
    void takesTheLongestEntryOfTheController() throws Exception {
        String longest = "y".repeat((256 << 10) + (1 << 20));
        RecordingListener listener = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(listener);
            listener.await(() -> listener.leader() == 1);
            append(log, longest);
            listener.await(() -> listener.texts().equals(List.of(longest)));
        }
    }

    @Test
    void refusesTheFolderOfAnotherCluster() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (RatisMetadataLog log = alone(NEVER)) {
            log.start(listener);
            listener.await(() -> listener.leader() == 1);
        }
        try (RatisMetadataLog other =
                new RatisMetadataLog(QuorumConfig.single(dir, "other", voter(1), NEVER), PeerTransport.none())) {
            assertThatThrownBy(() -> other.start(new RecordingListener()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is not of cluster other");
        }
    }

    /** The seam for the network: three voters over calls within the process. */
    @Test
    void threeVotersAgreeOverATransport() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<Voter> voters = List.of(voter(1), voter(2), voter(3));
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            for (Voter voter : voters) {
                QuorumConfig config =
                        new QuorumConfig(dir.resolve("n" + voter.nodeId()), "cluster", voter, voters, NEVER);
                RatisMetadataLog log = new RatisMetadataLog(config, new CallTransport(voter.address(), receivers));
                RecordingListener listener = new RecordingListener();
                logs.add(log);
                listeners.add(listener);
                log.start(listener);
            }
            for (RecordingListener listener : listeners) {
                listener.await(() -> listener.leader() > 0);
            }
            int leader = listeners.get(0).leader();
            append(logs.get(leader - 1), "agreed");
            for (RecordingListener listener : listeners) {
                listener.await(() -> listener.texts().equals(List.of("agreed")));
                assertThat(listener.leader()).isEqualTo(leader);
            }
            RatisMetadataLog follower = logs.get(leader % 3);
            assertThatThrownBy(() -> append(follower, "not here")).hasRootCauseInstanceOf(NotLeaderException.class);
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    private RatisMetadataLog joining(Voter voter, Path folder, Map<String, PeerTransport.Receiver> receivers) {
        return new RatisMetadataLog(
                QuorumConfig.joining(folder, "cluster", voter, NEVER), new CallTransport(voter.address(), receivers));
    }

    /** A change of members may still be under way: asked again until it is done. */
    private static void admit(RatisMetadataLog leader, Voter voter, int votersMost) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                leader.admit(voter.nodeId(), voter.directoryId(), voter.address(), votersMost)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException refused) {
                if (System.nanoTime() > deadline) {
                    throw refused;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    /** The first node, alone and leading, and further ones that wait to be let in. What is started is put into the lists. */
    private void startOneAndThoseThatMayJoin(
            int nodes,
            Map<String, PeerTransport.Receiver> receivers,
            List<RatisMetadataLog> logs,
            List<RecordingListener> listeners)
            throws Exception {
        for (int node = 1; node <= nodes; node++) {
            Path folder = dir.resolve("n" + node);
            RatisMetadataLog log = node == 1
                    ? new RatisMetadataLog(
                            QuorumConfig.single(folder, "cluster", voter(1), NEVER),
                            new CallTransport(voter(1).address(), receivers))
                    : joining(voter(node), folder, receivers);
            RecordingListener listener = new RecordingListener();
            logs.add(log);
            listeners.add(listener);
            log.start(listener);
        }
        RecordingListener first = listeners.getFirst();
        first.await(() -> first.leader() == 1);
    }

    @Test
    void growsFromOneToThreeVotersAndAnObserverAndOutlivesItsFirst() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(4, receivers, logs, listeners);
            RatisMetadataLog first = logs.get(0);
            append(first, "before");
            for (int node = 2; node <= 4; node++) {
                admit(first, voter(node), 3);
            }
            append(first, "after");
            for (RecordingListener listener : listeners) {
                listener.await(() -> listener.texts().equals(List.of("before", "after")));
            }
            QuorumView view = first.describe();
            assertThat(view.leaderId()).isEqualTo(1);
            assertThat(view.term()).isPositive();
            assertThat(view.voters()).extracting(QuorumView.Member::nodeId).containsExactly(1, 2, 3);
            assertThat(view.observers()).extracting(QuorumView.Member::nodeId).containsExactly(4);

            first.close();
            listeners.get(1).await(() -> listeners.get(1).leader() > 1);
            int leader = listeners.get(1).leader();
            RecordingListener successor = listeners.get(leader - 1);
            successor.await(() -> successor.leader() == leader); // others hear of it before it is ready itself
            append(logs.get(leader - 1), "without the first");
            for (RecordingListener listener : listeners.subList(1, 4)) {
                listener.await(() -> listener.texts().contains("without the first"));
            }
            assertThat(logs.get(leader - 1).describe().term()).isGreaterThan(view.term());
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    @Test
    void anObserverVotesInThePlaceOfAVoterThatIsExpelled() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(4, receivers, logs, listeners);
            RatisMetadataLog first = logs.get(0);
            for (int node = 2; node <= 4; node++) {
                admit(first, voter(node), 3);
            }
            append(first, "a");
            listeners.get(3).await(() -> listeners.get(3).texts().equals(List.of("a")));
            logs.get(1).close();
            // An observer that was started as one, too.
            logs.get(3).close();
            logs.set(3, joining(voter(4), dir.resolve("n4"), receivers));
            listeners.set(3, new RecordingListener());
            logs.get(3).start(listeners.get(3));
            append(first, "b");
            listeners.get(3).await(() -> listeners.get(3).texts().equals(List.of("a", "b")));

            expel(first, 2);

            assertThat(first.describe().voters())
                    .extracting(QuorumView.Member::nodeId)
                    .containsExactly(1, 3, 4);
            assertThat(first.describe().observers()).isEmpty();
            first.close();
            listeners.get(2).await(() -> listeners.get(2).leader() > 1);
            int leader = listeners.get(2).leader();
            listeners.get(leader - 1).await(() -> listeners.get(leader - 1).leader() == leader);
            append(logs.get(leader - 1), "with the vote of the fourth");
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    /** Two voters and an observer; the observer gets a vote, one that had one loses it, and is missed by nobody. */
    @Test
    void votesAreGivenAndTakenWhileTheLogGoesOn() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(3, receivers, logs, listeners);
            admit(logs.get(0), voter(2), 2);
            admit(logs.get(0), voter(3), 2);
            append(logs.get(0), "a");

            setVote(logs, listeners, 3, true);
            RatisMetadataLog leader = logs.get(leader(listeners) - 1);
            assertThat(leader.describe().voters())
                    .extracting(QuorumView.Member::nodeId)
                    .containsExactly(1, 2, 3);

            int other = leader(listeners) == 1 ? 2 : 1;
            setVote(logs, listeners, other, false);
            leader = logs.get(leader(listeners) - 1);
            assertThat(leader.describe().voters())
                    .extracting(QuorumView.Member::nodeId)
                    .hasSize(2)
                    .doesNotContain(other);
            assertThat(leader.describe().observers())
                    .extracting(QuorumView.Member::nodeId)
                    .containsExactly(other);
            append(leader, "b");
            RecordingListener observer = listeners.get(other - 1);
            observer.await(() -> observer.texts().equals(List.of("a", "b")));
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    /** With two voters every entry and every election needs both. */
    @Test
    void aVoteCountsAtOnceAndWithoutAnElection() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(2, receivers, logs, listeners);
            RatisMetadataLog first = logs.get(0);
            admit(first, voter(2), 1);
            append(first, "a");
            listeners.get(1).await(() -> listeners.get(1).texts().equals(List.of("a")));
            long term = first.describe().term();

            setVote(logs, listeners, 2, true);
            append(first, "b");
            assertThat(first.describe().term()).isEqualTo(term);

            first.resign().toCompletableFuture().get(30, TimeUnit.SECONDS);
            listeners.get(1).await(() -> listeners.get(1).leader() == 2);
            append(logs.get(1), "c");
            listeners.get(0).await(() -> listeners.get(0).texts().equals(List.of("a", "b", "c")));
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    @Test
    void votesGoToAndFroAsFastAsTheyAreAskedFor() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(4, receivers, logs, listeners);
            for (int node = 2; node <= 4; node++) {
                admit(logs.get(0), voter(node), 3);
            }
            for (int round = 0; round < 5; round++) {
                setVote(logs, listeners, 4, true);
                setVote(logs, listeners, 4, false);
                append(logs.get(leader(listeners) - 1), "round " + round);
            }
            assertThat(logs.get(leader(listeners) - 1).describe().voters())
                    .extracting(QuorumView.Member::nodeId)
                    .containsExactly(1, 2, 3);
            // The one that observes again must not stand for election.
            logs.get(leader(listeners) - 1).resign().toCompletableFuture().get(30, TimeUnit.SECONDS);
            listeners.get(3).await(() -> listeners.get(3).texts().size() == 5);
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    /** Who leads, as that one knows. */
    private static int leader(List<RecordingListener> listeners) throws Exception {
        while (true) {
            for (int node = 1; node <= listeners.size(); node++) {
                if (listeners.get(node - 1).leader() == node) {
                    return node;
                }
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static void setVote(List<RatisMetadataLog> logs, List<RecordingListener> listeners, int node, boolean votes)
            throws Exception {
        while (true) {
            try {
                logs.get(leader(listeners) - 1)
                        .setVote(node, votes)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException busy) {
                TimeUnit.MILLISECONDS.sleep(50); // another change is under way, or another leads
            }
        }
    }

    /** To Ratis it is a follower at first: one that stands for election finds no vote of its own, and ends itself. */
    @Test
    void anObserverOutlivesALossOfAllVoters() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        List<RatisMetadataLog> logs = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        try {
            startOneAndThoseThatMayJoin(3, receivers, logs, listeners);
            admit(logs.get(0), voter(2), 2);
            admit(logs.get(0), voter(3), 2);
            append(logs.get(0), "a");
            RecordingListener observer = listeners.get(2);
            observer.await(() -> observer.texts().equals(List.of("a")));
            // Twice: with the first leader that comes after, Ratis begins to watch for its silence.
            for (int round = 0; round < 2; round++) {
                logs.get(0).close();
                logs.get(1).close();
                for (int node = 1; node <= 2; node++) {
                    RatisMetadataLog again = joining(voter(node), dir.resolve("n" + node), receivers);
                    logs.set(node - 1, again);
                    listeners.set(node - 1, new RecordingListener());
                    again.start(listeners.get(node - 1));
                }
                RecordingListener one = listeners.get(0);
                one.await(() -> one.leader() > 0);
                RecordingListener leader = listeners.get(one.leader() - 1);
                leader.await(() -> leader.leader() == one.leader());
                append(logs.get(one.leader() - 1), "b" + round);
            }
            observer.await(() -> observer.texts().equals(List.of("a", "b0", "b1")));
        } finally {
            logs.forEach(RatisMetadataLog::close);
        }
    }

    /** Only who was heard of lately is given a vote, which the leader tells from its last answer: asked until there was one. */
    private static void expel(RatisMetadataLog leader, int node) throws Exception {
        while (true) {
            try {
                leader.expel(node, 3).toCompletableFuture().get(30, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException busy) {
                TimeUnit.MILLISECONDS.sleep(50); // another change is under way
            }
        }
    }

    @Test
    void aNodeThatLostItsDiskTakesItsOwnPlace() throws Exception {
        Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
        RecordingListener first = new RecordingListener();
        RecordingListener second = new RecordingListener();
        RecordingListener third = new RecordingListener();
        Voter again = new Voter(2, "otherDisk", "127.0.0.1:19002");
        try (RatisMetadataLog one = new RatisMetadataLog(
                        QuorumConfig.single(dir.resolve("n1"), "cluster", voter(1), NEVER),
                        new CallTransport(voter(1).address(), receivers));
                RatisMetadataLog three = joining(voter(3), dir.resolve("n3"), receivers);
                RatisMetadataLog back = joining(again, dir.resolve("n2again"), receivers)) {
            one.start(first);
            three.start(third);
            first.await(() -> first.leader() == 1);
            try (RatisMetadataLog two = joining(voter(2), dir.resolve("n2"), receivers)) {
                two.start(second);
                admit(one, voter(2), 3);
                admit(one, voter(3), 3);
                append(one, "a");
                second.await(() -> second.texts().equals(List.of("a")));
            }
            RecordingListener anew = new RecordingListener();
            back.start(anew);
            admit(one, again, 3);
            anew.await(() -> anew.texts().equals(List.of("a")));
            assertThat(one.describe().voters())
                    .extracting(QuorumView.Member::directoryId)
                    .containsExactly("dir1", "otherDisk", "dir3");
        }
    }

    private record CallTransport(String self, Map<String, Receiver> receivers) implements PeerTransport {
        @Override
        public void start(Receiver receiver) {
            receivers.put(self, receiver);
        }

        @Override
        public byte[] call(int nodeId, String address, Kind kind, byte[] request) throws IOException {
            Receiver receiver = receivers.get(address);
            if (receiver == null) {
                throw new IOException(address + " is not there");
            }
            return receiver.receive(kind, request);
        }

        @Override
        public void close() {
            receivers.remove(self);
        }
    }
}
