// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import io.tailrace.cluster.machine.Machine;
import io.tailrace.log.epoch.EpochEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition, seen by a node that follows its leader: what to ask for, what to do with the answer.
 *
 * <p><b>Intuition.</b> A follower makes its log a copy of the leader's, byte for byte. It asks for what comes after its last record and says of
 * which epoch that record is. If the leader's log has that record too, everything before it is the same (two leaders never write in one epoch),
 * and the answer holds what comes next. If not, the answer says where the leader's history leaves the follower's, and the follower drops what
 * is beyond (KIP-101, KIP-279, KIP-595). It never truncates for another reason: not to the high watermark, not at start.
 *
 * <p><b>What a fetch offset says.</b> It is the end of what is on this replica's disk: the leader counts the replica in the high watermark up to
 * there. So a position is handed out only when all that is written is durable.
 *
 * <p><b>Divergence goes first.</b> An answer that tells of one tells nothing else: its high watermark belongs to records that this replica does
 * not have (KAFKA-14704). After truncating, the follower asks again, until the histories meet; each round goes back by at least one epoch.
 *
 * <p><b>Every epoch anew.</b> The question of divergence is part of each fetch, so also of the first one in each epoch, whoever the leader was
 * before (KAFKA-7164). An answer is matched with the position that was asked: one that comes late, twice or from another epoch is dropped.
 *
 * <table>
 * <caption>States</caption>
 * <tr><td>idle</td><td>no leader; entered at the start and by {@code Unfollowed}; left by {@code Followed}</td></tr>
 * <tr><td>syncing</td><td>something written is not durable; left by {@code Synced} when all is</td></tr>
 * <tr><td>ready</td><td>{@link #position} is to be asked, not before the pause that an error brought is over</td></tr>
 * <tr><td>asked</td><td>left by the answer, or the news that there is none</td></tr>
 * </table>
 */
public final class FollowerReplica implements Machine<FollowerEvent, FollowerEffect> {

    /** After an error: {@code replica.fetch.backoff.ms}. Metadata on its way is mostly what is waited for. */
    static final long BACKOFF_MS = 200;

    private enum State {
        IDLE,
        SYNCING,
        READY,
        ASKED
    }

    private final FollowerLog log;
    private final HighWatermark highWatermark;
    private State state = State.IDLE;
    private int leaderId = -1;
    private int leaderEpoch = -1;
    private long readyAtMs;
    private @Nullable FetchPosition asked;

    /** What the answer said of the leader, for when its records are in the log. */
    private long leaderHighWatermark = -1;

    private long leaderLogStart = -1;

    /** @param highWatermark shared with the leader that this replica is at other times */
    public FollowerReplica(FollowerLog log, HighWatermark highWatermark) {
        this.log = log;
        this.highWatermark = highWatermark;
    }

    /** The node that is followed, or -1. */
    public int leaderId() {
        return state == State.IDLE ? -1 : leaderId;
    }

    /** The epoch of the leader last followed, or -1. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    public boolean isFollowing() {
        return state != State.IDLE;
    }

    /** Whether a consumer that believes in {@code requestedEpoch} (-1: in none) may read here, as far as committed is known (KIP-392). */
    public Errors check(int requestedEpoch) {
        if (!isFollowing()) {
            return Errors.NOT_LEADER_OR_FOLLOWER;
        }
        if (requestedEpoch < 0 || requestedEpoch == leaderEpoch) {
            return Errors.NONE;
        }
        return requestedEpoch < leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    /** Whether something written, or about to be, has to become durable before {@link #position} has an answer. */
    public boolean isSyncing() {
        return state == State.SYNCING;
    }

    /** What to ask the leader next; empty while an answer, a sync or the end of a pause is awaited. */
    public Optional<FetchPosition> position(long nowMs) {
        return state == State.READY && nowMs >= readyAtMs
                ? Optional.of(
                        new FetchPosition(leaderEpoch, log.durableEndOffset(), log.latestEpoch(), log.logStartOffset()))
                : Optional.empty();
    }

    /** When {@link #position} may have an answer by the passing of time alone; Long.MAX_VALUE if never. */
    public long readyAtMs() {
        return state == State.READY ? readyAtMs : Long.MAX_VALUE;
    }

    @Override
    public List<FollowerEffect> step(FollowerEvent event, long nowMs) {
        return switch (event) {
            case FollowerEvent.Followed followed -> onFollowed(followed, nowMs);
            case FollowerEvent.Unfollowed unfollowed -> {
                state = State.IDLE;
                asked = null;
                yield List.of();
            }
            case FollowerEvent.Asked sent -> onAsked(sent.position());
            case FollowerEvent.Answered answered ->
                isAwaited(answered.position()) ? onAnswer(answered.position(), answered.answer(), nowMs) : List.of();
            case FollowerEvent.Unanswered unanswered -> isAwaited(unanswered.position()) ? pause(nowMs) : List.of();
            case FollowerEvent.Appended appended -> onAppended();
            case FollowerEvent.AppendRefused refused -> pause(nowMs);
            case FollowerEvent.Synced synced -> state == State.SYNCING ? settle() : List.of();
        };
    }

    private List<FollowerEffect> onFollowed(FollowerEvent.Followed followed, long nowMs) {
        if (followed.leaderEpoch() < leaderEpoch || (followed.leaderEpoch() == leaderEpoch && isFollowing())) {
            return List.of();
        }
        leaderId = followed.leaderId();
        leaderEpoch = followed.leaderEpoch();
        asked = null;
        readyAtMs = nowMs;
        state = State.SYNCING;
        return settle();
    }

    /** Ready if all that is written is durable; else it has to be first. */
    private List<FollowerEffect> settle() {
        if (log.durableEndOffset() < log.logEndOffset()) {
            state = State.SYNCING;
            return List.of(new FollowerEffect.Sync());
        }
        state = State.READY;
        return List.of();
    }

    private List<FollowerEffect> onAsked(FetchPosition position) {
        if (state == State.READY && position.leaderEpoch() == leaderEpoch) {
            asked = position;
            state = State.ASKED;
        }
        return List.of();
    }

    private boolean isAwaited(FetchPosition position) {
        return state == State.ASKED && position.equals(asked);
    }

    private List<FollowerEffect> pause(long nowMs) {
        if (state == State.IDLE) {
            return List.of();
        }
        asked = null;
        readyAtMs = nowMs + BACKOFF_MS;
        return settle();
    }

    private List<FollowerEffect> onAnswer(FetchPosition position, FetchAnswer answer, long nowMs) {
        if (answer.error() == Errors.OFFSET_OUT_OF_RANGE) {
            return answer.logStartOffset() < 0 ? pause(nowMs) : onOutOfRange(answer, nowMs);
        }
        if (answer.error() != Errors.NONE) {
            return pause(nowMs);
        }
        asked = null;
        readyAtMs = nowMs;
        EpochEnd diverging = answer.diverging();
        if (diverging != null) {
            return onDivergence(diverging, position);
        }
        leaderHighWatermark = answer.highWatermark();
        leaderLogStart = answer.logStartOffset();
        if (answer.recordsBaseOffset() < 0) {
            return follow();
        }
        List<FollowerEffect> effects = new ArrayList<>();
        if (answer.recordsBaseOffset() < log.logEndOffset()) {
            if (log.logStartOffset() < log.logEndOffset()) {
                return pause(nowMs); // no leader answers so
            }
            restartAt(
                    answer.recordsBaseOffset(), effects); // the log is to start inside a batch, and batches come whole
        }
        state = State.SYNCING;
        effects.add(new FollowerEffect.Append());
        return effects;
    }

    /** The histories part where the leader's epoch ends, or ours, whichever comes first; if we lack that epoch, below it. */
    private List<FollowerEffect> onDivergence(EpochEnd leaders, FetchPosition position) {
        EpochEnd ours = log.epochEnd(leaders.epoch());
        long offset = !ours.isDefined()
                ? Math.min(leaders.endOffset(), position.fetchOffset())
                : ours.epoch() == leaders.epoch() ? Math.min(ours.endOffset(), leaders.endOffset()) : ours.endOffset();
        List<FollowerEffect> effects = new ArrayList<>();
        if (offset < log.logStartOffset()) {
            restartAt(Math.max(0, offset), effects);
        } else {
            boolean below = highWatermark.truncateTo(offset);
            effects.add(new FollowerEffect.Truncate(offset, below));
        }
        state = State.READY;
        return effects;
    }

    /** The leader's log has nothing in common with this one: it begins above it, or all that both had was deleted there. */
    private List<FollowerEffect> onOutOfRange(FetchAnswer answer, long nowMs) {
        asked = null;
        readyAtMs = nowMs;
        state = State.READY;
        List<FollowerEffect> effects = new ArrayList<>();
        restartAt(answer.logStartOffset(), effects);
        return effects;
    }

    private void restartAt(long offset, List<FollowerEffect> effects) {
        boolean below = highWatermark.truncateTo(offset) && log.logStartOffset() < log.logEndOffset();
        effects.add(new FollowerEffect.RestartAt(offset, below));
        if (highWatermark.advanceTo(offset)) {
            effects.add(new FollowerEffect.AdvanceHighWatermark(offset));
        }
    }

    private List<FollowerEffect> onAppended() {
        return state == State.SYNCING ? follow() : List.of();
    }

    /** Takes over the leader's high watermark and log start, as far as the log reaches. */
    private List<FollowerEffect> follow() {
        List<FollowerEffect> effects = new ArrayList<>();
        long known = Math.min(leaderHighWatermark, log.logEndOffset());
        boolean advanced = highWatermark.advanceTo(known);
        long start = Math.min(leaderLogStart, highWatermark.offset());
        if (start > log.logStartOffset()) {
            // First: what lies below the leader's log start was compared with nothing, and nobody may read it.
            effects.add(new FollowerEffect.AdvanceLogStart(start));
        }
        if (advanced) {
            effects.add(new FollowerEffect.AdvanceHighWatermark(known));
        }
        effects.addAll(settle());
        return effects;
    }
}
