// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.FollowerTurn;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies all that this node has of one leader, in rounds: the shards say what to ask and have what they got before on disk; one fetch asks for
 * all of it; the answers go back to the shards. One fetch is under way at any time, so a slow disk here slows the leader's answers, and no more
 * than one answer is in memory, which is given back when all shards are done with it.
 *
 * <p>When there is nothing to ask it sleeps, until a pause that an error brought is over, or {@link #nudge}.
 */
final class LeaderFetcher {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderFetcher.class);

    /** Kafka's {@code replica.fetch.wait.max.ms}: what a leader has committed is known here this long after the last record. */
    private static final int MAX_WAIT_MS = 500;

    /** How long a leader may wait that had nothing new the last time: an idle pair of nodes exchanges two messages in this time. */
    private static final int IDLE_WAIT_MS = 2_000;

    /** Over the wait: what a busy leader may take to answer before its silence counts as an error. */
    private static final long PATIENCE_MS = 2_000;

    private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);
    private static final Runnable NOTHING_HELD = () -> {};

    private enum State {
        ASLEEP,
        WITH_SHARDS,
        WITH_LEADER,
        STOPPED
    }

    private final Vertx vertx;
    private final ReplicaPorts ports;
    private final int leaderId;
    private final CopyPace pace;
    private State state = State.ASLEEP;
    private boolean nudged;
    private boolean idle;
    private long timerId = -1;

    /** Gives back the memory of the answer that the shards have in hand. */
    private Runnable held = NOTHING_HELD;

    /** @param pace shared by the fetchers of this node, all on one context */
    LeaderFetcher(Vertx vertx, ReplicaPorts ports, int leaderId, CopyPace pace) {
        this.pace = pace;
        this.vertx = vertx;
        this.ports = ports;
        this.leaderId = leaderId;
    }

    /** There may be something new to ask. */
    void nudge() {
        switch (state) {
            case ASLEEP -> round(List.of());
            case WITH_SHARDS -> nudged = true;
            case WITH_LEADER -> {
                if (!nudged) {
                    nudged = true;
                    ports.transport().release(leaderId, new ReplicaMessage.Release(ports.nodeId()));
                }
            }
            case STOPPED -> {}
        }
    }

    void stop() {
        state = State.STOPPED;
        cancelTimer();
    }

    private void round(List<FollowerTurn.Answer> answers) {
        if (state == State.STOPPED) {
            giveBack();
            return;
        }
        state = State.WITH_SHARDS;
        nudged = false;
        cancelTimer();
        int shardCount = ports.bus().shardCount();
        List<List<FollowerTurn.Answer>> byShard = new ArrayList<>();
        for (int shard = 0; shard < shardCount; shard++) {
            byShard.add(new ArrayList<>());
        }
        answers.forEach(
                answer -> byShard.get(ports.bus().shardOf(answer.partition())).add(answer));
        List<Future<FollowerTurn.Reply>> turns = new ArrayList<>();
        for (int shard = 0; shard < shardCount; shard++) {
            turns.add(ports.bus()
                    .ask(shard, new FollowerTurn(leaderId, byShard.get(shard)))
                    .otherwise(lost -> new FollowerTurn.Reply(List.of(), System.currentTimeMillis() + MAX_WAIT_MS)));
        }
        // A shard answers when what it got is written, or will not be.
        Future.all(turns)
                .onComplete(done -> giveBack())
                .onSuccess(done -> onPositions(done.list()))
                .onFailure(bug -> LOG.error("leader={}: copying ended", leaderId, bug));
    }

    private void giveBack() {
        Runnable before = held;
        held = NOTHING_HELD;
        before.run();
    }

    private void onPositions(List<FollowerTurn.Reply> replies) {
        if (state == State.STOPPED) {
            return;
        }
        List<FollowerTurn.Position> positions = new ArrayList<>();
        long retryAtMs = Long.MAX_VALUE;
        for (FollowerTurn.Reply reply : replies) {
            positions.addAll(reply.positions());
            retryAtMs = Math.min(retryAtMs, reply.retryAtMs());
        }
        if (!positions.isEmpty()) {
            fetchWhatMayBe(positions, retryAtMs);
        } else if (nudged) {
            round(List.of());
        } else {
            sleep(retryAtMs);
        }
    }

    /** What is held back has no answer for now, and is asked for after its pause; the rest does not wait for it. */
    private void fetchWhatMayBe(List<FollowerTurn.Position> positions, long retryAtMs) {
        long nowMs = System.currentTimeMillis();
        pace.follow(ports.metadata().image(), nowMs);
        long openAtMs = pace.openAtMs(nowMs);
        if (openAtMs == nowMs) {
            fetch(positions, List.of(), retryAtMs);
            return;
        }
        List<FollowerTurn.Position> late = new ArrayList<>();
        List<FollowerTurn.Position> free = new ArrayList<>();
        positions.forEach(it -> (pace.holdsBack(it, nowMs) ? late : free).add(it));
        List<FollowerTurn.Answer> heldBack = answers(late, null);
        if (free.isEmpty()) {
            round(heldBack);
        } else {
            fetch(free, heldBack, late.isEmpty() ? retryAtMs : Math.min(retryAtMs, openAtMs));
        }
    }

    private void sleep(long untilMs) {
        state = State.ASLEEP;
        if (untilMs != Long.MAX_VALUE) {
            timerId = vertx.setTimer(Math.max(1, untilMs - System.currentTimeMillis()), rang -> {
                timerId = -1;
                nudge();
            });
        }
    }

    /**
     * @param heldBack answers to positions that are not asked for
     * @param retryAtMs when a partition that is not among the positions wants to be, which the leader's patience must not outlast
     */
    private void fetch(List<FollowerTurn.Position> positions, List<FollowerTurn.Answer> heldBack, long retryAtMs) {
        state = State.WITH_LEADER;
        long untilRetryMs = Math.max(1, retryAtMs - System.currentTimeMillis());
        long inTimeMs = Math.max(1, Math.min(idle ? IDLE_WAIT_MS : MAX_WAIT_MS, ports.replicaLagMaxMs() / 4));
        int waitMs = (int) Math.min(inTimeMs, untilRetryMs);
        ReplicaMessage.Fetch request = new ReplicaMessage.Fetch(
                ports.nodeId(),
                ports.brokerEpoch(),
                waitMs,
                ReplicaServerVerticle.MAX_BYTES,
                positions.stream()
                        .map(it -> new ReplicaMessage.Part(
                                it.partition().topicId(), it.partition().partition(), it.position()))
                        .toList());
        if (nudged) {
            nudged = false;
        }
        ports.transport().fetch(leaderId, request, waitMs + PATIENCE_MS).onComplete(done -> {
            ReplicaMessage.Fetched fetched = null;
            if (done.succeeded()) {
                held = done.result().release();
                fetched = done.result().fetched();
            } else {
                LOG.debug("leader={}: no answer: {}", leaderId, done.cause().toString());
            }
            idle = fetched != null && hasNothing(fetched);
            List<FollowerTurn.Answer> answers = answers(positions, fetched);
            pace.passed(positions, answers, System.currentTimeMillis());
            answers.addAll(heldBack);
            round(answers);
        });
    }

    private static boolean hasNothing(ReplicaMessage.Fetched fetched) {
        return fetched.results().stream()
                .allMatch(it -> it.answer().error() == Errors.NONE
                        && it.answer().diverging() == null
                        && !it.records().hasRemaining());
    }

    private static List<FollowerTurn.Answer> answers(
            List<FollowerTurn.Position> positions, ReplicaMessage.@Nullable Fetched fetched) {
        boolean answered = fetched != null && fetched.results().size() == positions.size();
        List<FollowerTurn.Answer> answers = new ArrayList<>(positions.size());
        for (int i = 0; i < positions.size(); i++) {
            FollowerTurn.Position asked = positions.get(i);
            ReplicaMessage.Result result =
                    answered && fetched != null ? fetched.results().get(i) : null;
            answers.add(new FollowerTurn.Answer(
                    asked.partition(),
                    asked.position(),
                    result == null ? null : result.answer(),
                    result == null ? NO_RECORDS : result.records()));
        }
        return answers;
    }

    private void cancelTimer() {
        if (timerId >= 0) {
            vertx.cancelTimer(timerId);
            timerId = -1;
        }
    }
}
