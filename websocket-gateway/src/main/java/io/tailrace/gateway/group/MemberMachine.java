// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.group;

import io.tailrace.cluster.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/**
 * One member of a consumer group (KIP-848) on behalf of a browser: beats, takes what it is assigned, gives back what it is not assigned any
 * longer.
 *
 * <pre>
 *  FINDING ──Found──► JOINING ──Beaten──► MEMBER ──Closed──► left
 *     ▲                  ▲                  │
 *     │                  └── fenced, unknown┤
 *     └── no coordinator, or another ───────┘
 * </pre>
 *
 * <p><b>Giving back.</b> The coordinator gives a partition to somebody else only when the member has said that it has it no longer. It says so
 * when the client has released it, having committed what it wants to commit, or has had its time. In between nothing is read for it.
 *
 * <p><b>Fenced.</b> A member that the coordinator has given up has nothing any more, and joins anew.
 *
 * <p>One heartbeat is under way at a time. Owned by one event loop. Ignores what comes after it was closed.
 */
public final class MemberMachine implements Machine<MemberEvent, MemberEffect> {

    private enum Phase {
        FINDING,
        JOINING,
        MEMBER,
        CLOSED
    }

    private Phase phase = Phase.FINDING;
    private int epoch;
    private int failures;
    private boolean beating;
    private boolean beatAgain;
    private boolean opened;

    /** What others may not have because of us; {@code revoking} is a part of it. */
    private final Set<Integer> owned = new TreeSet<>();

    private final Set<Integer> revoking = new TreeSet<>();
    private Set<Integer> target = Set.of();
    private List<MemberEffect> effects = new ArrayList<>(2);

    /** For commits: what the coordinator last said. */
    public int epoch() {
        return epoch;
    }

    /** Whether this member may commit for a partition. */
    public boolean owns(int partition) {
        return owned.contains(partition);
    }

    /** Whether a partition is to be read. */
    public boolean reads(int partition) {
        return owned.contains(partition) && !revoking.contains(partition);
    }

    @Override
    public List<MemberEffect> step(MemberEvent event, long nowMs) {
        if (phase == Phase.CLOSED) {
            return List.of();
        }
        switch (event) {
            case MemberEvent.Started it -> effects.add(new MemberEffect.Find());
            case MemberEvent.Found it -> onFound();
            case MemberEvent.Beaten it -> onBeaten(it);
            case MemberEvent.Refused it -> onRefused(it.error());
            case MemberEvent.BeatDue it -> beat(false);
            case MemberEvent.FindDue it -> effects.add(new MemberEffect.Find());
            case MemberEvent.Released it -> onReleased(it.partitions());
            case MemberEvent.ReleaseDue it -> onReleased(it.partitions());
            case MemberEvent.Closed it -> {
                if (phase != Phase.FINDING || epoch > 0) {
                    effects.add(new MemberEffect.Leave());
                }
                phase = Phase.CLOSED;
            }
        }
        List<MemberEffect> decided = effects;
        effects = new ArrayList<>(2);
        return decided;
    }

    private void onFound() {
        if (phase == Phase.FINDING) {
            phase = epoch > 0 ? Phase.MEMBER : Phase.JOINING;
            beat(true);
        }
    }

    private void beat(boolean whole) {
        if (phase == Phase.FINDING) {
            return;
        }
        if (beating) {
            beatAgain |= whole;
            return;
        }
        beating = true;
        effects.add(new MemberEffect.Beat(phase == Phase.JOINING ? 0 : epoch, whole ? Set.copyOf(owned) : null));
    }

    private void onBeaten(MemberEvent.Beaten beaten) {
        beating = false;
        failures = 0;
        epoch = beaten.epoch();
        phase = Phase.MEMBER;
        if (!opened) {
            opened = true;
            effects.add(new MemberEffect.Opened());
        }
        boolean changed = false;
        if (beaten.assigned() != null) {
            target = Set.copyOf(beaten.assigned());
            changed = reconcile();
        }
        boolean again = beatAgain;
        beatAgain = false;
        if (again || changed) {
            beat(true);
        } else {
            effects.add(new MemberEffect.BeatLater(beaten.intervalMs()));
        }
    }

    /** True if the coordinator is to be told at once what the member has now. */
    private boolean reconcile() {
        Set<Integer> leaving = new TreeSet<>(owned);
        leaving.removeAll(target);
        leaving.removeAll(revoking);
        if (!leaving.isEmpty()) {
            revoking.addAll(leaving);
            effects.add(new MemberEffect.Revoke(Set.copyOf(leaving)));
        }
        Set<Integer> coming = new TreeSet<>(target);
        coming.removeAll(owned);
        if (!coming.isEmpty()) {
            owned.addAll(coming);
            effects.add(new MemberEffect.Read(Set.copyOf(coming)));
        }
        return !coming.isEmpty() && revoking.isEmpty();
    }

    private void onReleased(Set<Integer> partitions) {
        Set<Integer> released = new TreeSet<>(partitions);
        released.retainAll(revoking);
        if (!released.isEmpty()) {
            owned.removeAll(released);
            revoking.removeAll(released);
            reconcile(); // it may have been assigned again meanwhile
            beat(true);
        }
    }

    private void onRefused(Errors error) {
        beating = false;
        beatAgain = false;
        switch (error) {
            case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID -> {
                if (!owned.isEmpty()) {
                    effects.add(new MemberEffect.Lose(Set.copyOf(owned)));
                }
                owned.clear();
                revoking.clear();
                target = Set.of();
                epoch = 0;
                phase = Phase.JOINING;
                beat(true);
            }
            default -> {
                // BusException and the like come as UNKNOWN_SERVER_ERROR: the node's own trouble, which may pass.
                if (error.exception() instanceof RetriableException || error == Errors.UNKNOWN_SERVER_ERROR) {
                    phase = Phase.FINDING;
                    effects.add(new MemberEffect.FindLater(++failures));
                } else {
                    phase = Phase.CLOSED;
                    effects.add(new MemberEffect.Fail(error));
                }
            }
        }
    }
}
