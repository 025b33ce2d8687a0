// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.Group;
import io.tailrace.cluster.group.GroupAnswer;
import io.tailrace.cluster.group.GroupFollowUp;
import io.tailrace.cluster.group.GroupTable;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What one heartbeat of the consumer protocol does: it lets the member in or turns it down, takes the group through its {@link Steps}, and
 * says what the member may own. A heartbeat that brings nothing new passes with a few comparisons.
 */
final class Heartbeats {

    private final ConsumerRules rules;
    private final GroupTable groups;
    private final Topics topics;
    private final Steps steps;
    private final Migration migration;
    private final Admission admission;

    Heartbeats(ConsumerRules rules, GroupTable groups, Topics topics, Steps steps, Migration migration) {
        this.rules = rules;
        this.groups = groups;
        this.topics = topics;
        this.steps = steps;
        this.migration = migration;
        this.admission = new Admission(rules, migration);
    }

    ConsumerRequest.Beaten beat(ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        String memberId = beat.memberId().isEmpty() ? beat.freshId() : beat.memberId();
        Group existing = groups.get(beat.groupId());
        Refusal refusal = admission.refusal(beat, memberId, existing);
        if (refusal != null) {
            return ConsumerRequest.Beaten.refused(refusal);
        }
        makeRoom(existing, turn);
        ConsumerMember before = takeOver(beat, memberId, turn);
        boolean subscriptionChanged = refresh(beat, memberId, before, turn);
        ConsumerGroup group = group(beat.groupId());
        group.expectReport(memberId, turn.nowMs());
        steps.retarget(group, turn);
        Holding held = before == null ? Holding.NOTHING : before.holding();
        Reconciler.Report report = new Reconciler.Report(beat.owned(), beat.joins());
        Holding holds = steps.reconcile(group, memberId, report, subscriptionChanged, turn);
        steps.keepAlive(group, Objects.requireNonNull(group.member(memberId)), turn);
        int intervalMs = Pace.intervalMs(rules, topics.groupConfigs(beat.groupId()), group, memberId, turn.nowMs());
        group.expectReport(memberId, turn.nowMs() + intervalMs);
        boolean tell = beat.full() || !holds.partitions().equals(held.partitions());
        return new ConsumerRequest.Beaten(
                Errors.NONE, null, memberId, holds.memberEpoch(), intervalMs, tell ? holds.partitions() : null);
    }

    private ConsumerGroup group(String groupId) {
        return groups.find(groupId, ConsumerGroup.class).orElseThrow();
    }

    /** What is there under the id is of another kind: an empty group goes, one with members becomes a consumer group. */
    private void makeRoom(@Nullable Group existing, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (existing == null || existing instanceof ConsumerGroup) {
            return;
        }
        if (Admission.replaceable(existing)) {
            existing.tombstones().forEach(turn::persist);
        } else {
            migration.upgrade(existing, turn);
        }
    }

    /** The member as it was; one that comes back for a static member that left takes all of it under its new id. */
    private @Nullable ConsumerMember takeOver(
            ConsumerRequest.Heartbeat beat, String memberId, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerGroup group = groups.find(beat.groupId(), ConsumerGroup.class).orElse(null);
        if (group == null) {
            return null;
        }
        ConsumerMember owner = beat.instanceId() == null ? null : group.staticMember(beat.instanceId());
        return owner == null || owner.memberId().equals(memberId)
                ? group.member(memberId)
                : steps.replace(group, owner, memberId, turn);
    }

    /** Whether the member's own subscription changed. */
    private boolean refresh(
            ConsumerRequest.Heartbeat beat,
            String memberId,
            @Nullable ConsumerMember before,
            Turn<GroupAnswer, GroupFollowUp> turn) {
        if (before != null
                && before.subscription().saysNothingNew(beat)
                && steps.nothingNew(group(beat.groupId()), turn)) {
            return false;
        }
        Subscription former = before == null ? Subscription.NONE : before.subscription();
        return steps.refresh(beat.groupId(), memberId, before, former.updated(beat), beat.visible(), turn);
    }

    /** Somebody leaves, for good or for a while. */
    ConsumerRequest.Beaten leave(ConsumerRequest.Heartbeat beat, Turn<GroupAnswer, GroupFollowUp> turn) {
        ConsumerGroup group = groups.find(beat.groupId(), ConsumerGroup.class).orElse(null);
        if (group == null) {
            return ConsumerRequest.Beaten.refused(
                    Admission.notFound(beat.groupId(), groups.get(beat.groupId()) != null));
        }
        ConsumerMember member =
                beat.instanceId() == null ? group.member(beat.memberId()) : group.staticMember(beat.instanceId());
        if (member == null) {
            return ConsumerRequest.Beaten.refused(
                    Admission.unknown("Member " + beat.memberId() + " is not a member of the group."));
        }
        if (!member.memberId().equals(beat.memberId())) {
            return ConsumerRequest.Beaten.refused(Admission.fencedInstance(beat.memberId(), member));
        }
        if (beat.memberEpoch() == ConsumerRequest.STATIC_LEAVE_EPOCH) {
            turn.persist(ConsumerRecords.holding(
                    group.groupId(), member.memberId(), member.holding().parked()));
            turn.followUp(new ConsumerKind.Changed(group.groupId()));
            turn.cancelTimer(new ConsumerTimer.Revocation(group.groupId(), member.memberId()));
        } else {
            steps.remove(group, List.of(member), turn);
        }
        return new ConsumerRequest.Beaten(Errors.NONE, null, beat.memberId(), beat.memberEpoch(), 0, null);
    }
}
