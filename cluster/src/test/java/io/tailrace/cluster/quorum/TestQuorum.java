// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.metadata.QuorumView;
import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.ratis.protocol.exceptions.NotLeaderException;

/** The metadata logs of several nodes in one process, which reach one another by calls. Node ids are from 1. */
final class TestQuorum implements AutoCloseable {

    private static final long NEVER = Long.MAX_VALUE;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final Path dir;
    private final Map<String, PeerTransport.Receiver> receivers = new ConcurrentHashMap<>();
    private final Map<Integer, RatisMetadataLog> logs = new TreeMap<>();
    private final Map<Integer, RecordingListener> listeners = new TreeMap<>();

    TestQuorum(Path dir) {
        this.dir = dir;
    }

    static Voter voter(int node) {
        return new Voter(node, "dir" + node, "127.0.0.1:" + (19000 + node));
    }

    /** All vote from the start. */
    void startVoters(int nodes) throws IOException {
        List<Voter> voters =
                IntStream.rangeClosed(1, nodes).mapToObj(TestQuorum::voter).toList();
        for (Voter voter : voters) {
            start(new QuorumConfig(dir.resolve("n" + voter.nodeId()), "cluster", voter, voters, NEVER));
        }
    }

    /** The first node, alone and leading, and further ones that wait to be let in. */
    void startOneAndThoseThatMayJoin(int nodes) throws Exception {
        start(QuorumConfig.single(dir.resolve("n1"), "cluster", voter(1), NEVER));
        for (int node = 2; node <= nodes; node++) {
            startAgain(node);
        }
        listener(1).await(() -> listener(1).leader() == 1);
    }

    /** Starts a node on what it has, or as one that waits to be let in. */
    void startAgain(int node) throws IOException {
        startAgain(voter(node), "n" + node);
    }

    void startAgain(Voter voter, String folder) throws IOException {
        start(QuorumConfig.joining(dir.resolve(folder), "cluster", voter, NEVER));
    }

    private void start(QuorumConfig config) throws IOException {
        Voter self = config.self();
        RatisMetadataLog log = new RatisMetadataLog(config, new CallTransport(self.address(), receivers));
        RecordingListener listener = new RecordingListener();
        logs.put(self.nodeId(), log);
        listeners.put(self.nodeId(), listener);
        log.start(listener);
    }

    RatisMetadataLog log(int node) {
        return logs.get(node);
    }

    RecordingListener listener(int node) {
        return listeners.get(node);
    }

    /** Who leads, as that one knows: others hear of it before it is ready itself. */
    int leaderId() throws InterruptedException {
        while (true) {
            for (Map.Entry<Integer, RecordingListener> node : listeners.entrySet()) {
                if (node.getValue().leader() == node.getKey()) {
                    return node.getKey();
                }
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** What the leader knows of the others. */
    QuorumView view() throws InterruptedException {
        return log(leaderId()).describe();
    }

    /** The node is there no more, until it is started again. */
    void stop(int node) {
        logs.remove(node).close();
        listeners.remove(node);
    }

    /** The node leads no more. That it found that out on its way is no failure. */
    void resign(int node) throws Exception {
        try {
            log(node).resign().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof NotLeaderException)) {
                throw e;
            }
        }
    }

    /** At the leader, whoever that is when it is there. */
    void append(String text) throws Exception {
        append(log(leaderId()), text);
    }

    static void append(RatisMetadataLog log, String text) throws Exception {
        long index = log.append(text.getBytes(StandardCharsets.UTF_8))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        if (index <= 0) {
            throw new AssertionError("appended at " + index);
        }
    }

    void awaitTexts(int node, String... texts) throws InterruptedException, TimeoutException {
        listener(node).await(() -> listener(node).texts().equals(List.of(texts)));
    }

    void admit(int node, int votersMost) throws Exception {
        admit(voter(node), votersMost);
    }

    void admit(Voter voter, int votersMost) throws Exception {
        untilDone(leader -> leader.admit(voter.nodeId(), voter.directoryId(), voter.address(), votersMost));
    }

    void setVote(int node, boolean votes) throws Exception {
        untilDone(leader -> leader.setVote(node, votes));
    }

    /** Only who was heard of lately is given the vote, which the leader tells from its last answer. */
    void expel(int node, int votersMost) throws Exception {
        untilDone(leader -> leader.expel(node, votersMost));
    }

    /** Another change may still be under way, or another node about to lead: asked again until it is done. */
    private void untilDone(Function<RatisMetadataLog, CompletionStage<Void>> change) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (true) {
            try {
                change.apply(log(leaderId())).toCompletableFuture().get(30, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException busy) {
                if (System.nanoTime() > deadline) {
                    throw busy;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    @Override
    public void close() {
        logs.values().forEach(RatisMetadataLog::close);
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
