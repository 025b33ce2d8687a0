// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.CoordinatorRecord;
import io.tailrace.cluster.coordinator.CoordinatorState;
import io.tailrace.cluster.coordinator.Journal;
import io.tailrace.cluster.coordinator.TimerKey;
import io.tailrace.cluster.coordinator.Turn;
import io.tailrace.cluster.group.classic.ClassicKind;
import io.tailrace.cluster.group.classic.Handover;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * The groups and offsets of one {@code __consumer_offsets} partition.
 *
 * <p>It decides little itself: offsets, listing and deletion, which are alike for all groups. What makes a kind of group is in its {@link
 * GroupKind}. The classic kind is always there, since a group that only stores offsets is a classic group without members; others are added
 * by whoever assembles the broker:
 *
 * <pre>
 *   request, record, timer or follow-up
 *      -> OffsetRequest, AdminRequest, offset record: here
 *      -> else the kind of the group of that id, if it serves the request
 *      -> else the first kind that does
 * </pre>
 */
public final class GroupMachine implements CoordinatorState<GroupRequest, GroupAnswer, GroupFollowUp> {

    private enum OwnTimer implements TimerKey {
        EXPIRE
    }

    private final GroupRules rules;
    private final GroupTable groups;
    private final OffsetTable offsets;
    private final OffsetDecisions offsetDecisions;
    private final List<GroupKind> kinds = new ArrayList<>();
    private final ClassicKind classic;

    /**
     * @param furtherKinds makes the kinds beside the classic one, in the order in which they are asked; each gets the table they share, and
     *     the way to take over classic groups
     */
    public GroupMachine(
            GroupRules rules,
            Journal journal,
            List<BiFunction<GroupTable, Handover, ? extends GroupKind>> furtherKinds) {
        this.rules = rules;
        this.groups = new GroupTable(journal);
        this.offsets = new OffsetTable(journal);
        this.classic = new ClassicKind(rules, groups);
        this.offsetDecisions = new OffsetDecisions(rules, groups, offsets, classic::newGroup);
        kinds.add(classic);
        furtherKinds.forEach(kind -> kinds.add(kind.apply(groups, classic.handover())));
    }

    public GroupTable groups() {
        return groups;
    }

    public OffsetTable offsets() {
        return offsets;
    }

    @Override
    public void decide(GroupRequest request, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        switch (request) {
            case OffsetRequest about -> offsetDecisions.decide(about, ticket, turn);
            case AdminRequest.ListGroups list -> turn.reply(ticket, list(list));
            case AdminRequest.ListPositions positions -> turn.reply(ticket, positions());
            case AdminRequest.Delete delete -> turn.reply(ticket, delete(delete.groupId(), turn));
            default -> kindFor(request, turn).decide(request, ticket, turn);
        }
    }

    private GroupKind kindFor(GroupRequest request, Turn<GroupAnswer, GroupFollowUp> turn) {
        Group group = groups.get(request.groupId());
        if (group != null && group.isEmpty() && request.refounds(group.type())) {
            group.tombstones().forEach(turn::persist);
            group = classic.newGroup(request.groupId());
            groups.put(group);
        }
        if (group != null && group.kind().serves(request)) {
            return group.kind();
        }
        for (GroupKind kind : kinds) {
            if (kind.serves(request)) {
                return kind;
            }
        }
        throw new IllegalStateException("no kind of group serves " + request.getClass());
    }

    private AdminRequest.Listed list(AdminRequest.ListGroups list) {
        List<AdminRequest.Listing> listed = new ArrayList<>(groups.size());
        for (Group group : groups.all()) {
            String state = group.stateName();
            String type = group.type().toString();
            if (matches(list.states(), state) && matches(list.types(), type)) {
                listed.add(new AdminRequest.Listing(group.groupId(), group.protocolType(), state, type));
            }
        }
        return new AdminRequest.Listed(listed);
    }

    private AdminRequest.Positions positions() {
        List<AdminRequest.Position> positions = new ArrayList<>();
        for (Group group : groups.sorted()) {
            for (TopicPartition partition : offsets.partitions(group.groupId())) {
                CommittedOffset offset = offsets.get(group.groupId(), partition);
                if (offset != null) {
                    positions.add(new AdminRequest.Position(group.groupId(), partition, offset.offset()));
                }
            }
        }
        return new AdminRequest.Positions(positions);
    }

    private static boolean matches(Set<String> wanted, String value) {
        return wanted.isEmpty() || wanted.contains(value.toLowerCase(Locale.ROOT));
    }

    private AdminRequest.Done delete(String groupId, Turn<GroupAnswer, GroupFollowUp> turn) {
        Group group = groups.get(groupId);
        if (group == null) {
            return new AdminRequest.Done(Errors.GROUP_ID_NOT_FOUND, "Group " + groupId + " not found.");
        }
        Errors refusal = group.acceptDelete();
        if (refusal == Errors.NONE) {
            offsetDecisions.deleteAll(groupId, turn);
            group.tombstones().forEach(turn::persist);
        }
        return new AdminRequest.Done(refusal, null);
    }

    @Override
    public void apply(CoordinatorRecord record, long producerId) {
        if (record.key() instanceof OffsetCommitKey key) {
            TopicPartition partition = new TopicPartition(key.topic(), key.partition());
            if (record.value() instanceof OffsetCommitValue value) {
                offsets.apply(key.group(), partition, OffsetRecords.read(value, record.valueVersion()), producerId);
                addOffsetGroup(key.group());
            } else {
                offsets.apply(key.group(), partition, null, producerId);
            }
            return;
        }
        for (GroupKind kind : kinds) {
            if (kind.owns(record.key())) {
                kind.apply(record);
                return;
            }
        }
        // A record of a kind that this broker does not run: it stays in the log for one that does.
    }

    private void addOffsetGroup(String groupId) {
        if (groups.get(groupId) == null) {
            groups.put(classic.newGroup(groupId));
        }
    }

    @Override
    public void applyMarker(long producerId, short producerEpoch, boolean committed) {
        offsets.applyMarker(producerId, committed).forEach(this::addOffsetGroup);
    }

    @Override
    public void onLoaded(Turn<GroupAnswer, GroupFollowUp> turn) {
        // A group that gave its id up is gone from the log; the offsets that it left need one to age in.
        offsets.groupIds().forEach(this::addOffsetGroup);
        kinds.forEach(kind -> kind.onLoaded(turn));
        turn.setTimer(OwnTimer.EXPIRE, turn.nowMs() + rules.expiryCheckMs());
    }

    @Override
    public void onTimer(TimerKey timer, Turn<GroupAnswer, GroupFollowUp> turn) {
        if (timer == OwnTimer.EXPIRE) {
            offsetDecisions.expire(turn);
            turn.setTimer(OwnTimer.EXPIRE, turn.nowMs() + rules.expiryCheckMs());
            return;
        }
        for (GroupKind kind : kinds) {
            if (kind.owns(timer)) {
                kind.onTimer(timer, turn);
                return;
            }
        }
    }

    @Override
    public void onDurable(GroupFollowUp followUp, Turn<GroupAnswer, GroupFollowUp> turn) {
        for (GroupKind kind : kinds) {
            if (kind.owns(followUp)) {
                kind.onDurable(followUp, turn);
                return;
            }
        }
    }

    @Override
    public void onRefused(GroupFollowUp followUp, Errors error, Turn<GroupAnswer, GroupFollowUp> turn) {
        for (GroupKind kind : kinds) {
            if (kind.owns(followUp)) {
                kind.onRefused(followUp, error, turn);
                return;
            }
        }
    }
}
