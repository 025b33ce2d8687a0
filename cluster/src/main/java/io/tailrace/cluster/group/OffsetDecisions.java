// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

import io.tailrace.cluster.coordinator.Turn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;

/**
 * Commits, reads, deletes and expires offsets, with Kafka's rules for each kind of group.
 *
 * <p><b>Expiry</b> (KIP-211). An offset ages from when its group lost its last member, or, in a group that only stores offsets, from its
 * commit; in a group with members only the offsets of topics that nobody subscribes to age. An offset committed with a retention time of its
 * own (OffsetCommit 2 to 4) goes when that is over. Offsets that a transaction has staged in never go. When a group without members has
 * lost its last offset, it goes too.
 */
final class OffsetDecisions {

    private final GroupRules rules;
    private final GroupTable groups;
    private final OffsetTable offsets;
    private final Function<String, Group> newOffsetGroup;

    /** @param newOffsetGroup makes the group that holds offsets of a consumer without a group protocol */
    OffsetDecisions(GroupRules rules, GroupTable groups, OffsetTable offsets, Function<String, Group> newOffsetGroup) {
        this.rules = rules;
        this.groups = groups;
        this.offsets = offsets;
        this.newOffsetGroup = newOffsetGroup;
    }

    void decide(OffsetRequest request, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        switch (request) {
            case OffsetRequest.Commit commit -> commit(commit, ticket, turn);
            case OffsetRequest.Fetch fetch -> turn.reply(ticket, fetch(fetch));
            case OffsetRequest.Delete delete -> delete(delete, ticket, turn);
            case OffsetRequest.EndTransaction end -> {
                turn.writeMarker(end.producerId(), end.producerEpoch(), end.coordinatorEpoch(), end.committed());
                turn.reply(ticket, new OffsetRequest.Ended());
            }
            case OffsetRequest.DropTopics drop -> {
                offsets.find(drop::covers).forEach((groupId, partitions) -> {
                    partitions.forEach(partition -> turn.persist(OffsetRecords.deleted(groupId, partition)));
                    turn.divide();
                });
                turn.reply(ticket, new OffsetRequest.Dropped());
            }
        }
    }

    private void commit(OffsetRequest.Commit commit, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        Errors refusal = commitRefusal(commit, turn);
        if (refusal != Errors.NONE) {
            turn.replyNow(
                    ticket,
                    new OffsetRequest.Committed(
                            Collections.nCopies(commit.offsets().size(), refusal)));
            return;
        }
        long expireMs = commit.retentionMs() < 0 ? -1 : turn.nowMs() + commit.retentionMs();
        List<Errors> errors = new ArrayList<>(commit.offsets().size());
        for (OffsetRequest.Offset offset : commit.offsets()) {
            if (offset.metadata().length() > rules.offsetMetadataMaxBytes()) {
                errors.add(Errors.OFFSET_METADATA_TOO_LARGE);
                continue;
            }
            errors.add(Errors.NONE);
            turn.persistTransactional(
                    commit.producerId(),
                    commit.producerEpoch(),
                    OffsetRecords.committed(
                            commit.groupId(),
                            offset.partition(),
                            new CommittedOffset(
                                    offset.offset(),
                                    offset.leaderEpoch(),
                                    offset.metadata(),
                                    turn.nowMs(),
                                    expireMs,
                                    offset.topicId())));
        }
        turn.reply(ticket, new OffsetRequest.Committed(errors));
    }

    private Errors commitRefusal(OffsetRequest.Commit commit, Turn<GroupAnswer, GroupFollowUp> turn) {
        Group group = groups.get(commit.groupId());
        if (group != null) {
            return group.acceptCommit(commit, turn);
        }
        if (commit.generation() < 0) {
            groups.put(newOffsetGroup.apply(commit.groupId()));
            return Errors.NONE;
        }
        return commit.apiVersion() >= 9 ? Errors.GROUP_ID_NOT_FOUND : Errors.ILLEGAL_GENERATION;
    }

    private OffsetRequest.Fetched fetch(OffsetRequest.Fetch fetch) {
        Group group = groups.get(fetch.groupId());
        // As in Kafka, where there is no group nobody is asked who they are: there is nothing to read either.
        Errors refusal = group == null ? Errors.NONE : group.acceptFetch(fetch);
        if (refusal != Errors.NONE) {
            return new OffsetRequest.Fetched(refusal, List.of());
        }
        List<TopicPartition> wanted =
                fetch.partitions() == null ? offsets.partitions(fetch.groupId()) : fetch.partitions();
        List<OffsetRequest.FetchedOffset> found = new ArrayList<>(wanted.size());
        for (TopicPartition partition : wanted) {
            if (fetch.requireStable() && offsets.isStaged(fetch.groupId(), partition)) {
                found.add(new OffsetRequest.FetchedOffset(
                        partition, CommittedOffset.NONE, Errors.UNSTABLE_OFFSET_COMMIT));
                continue;
            }
            CommittedOffset offset = offsets.get(fetch.groupId(), partition);
            found.add(new OffsetRequest.FetchedOffset(
                    partition, offset == null ? CommittedOffset.NONE : offset, Errors.NONE));
        }
        return new OffsetRequest.Fetched(Errors.NONE, found);
    }

    private void delete(OffsetRequest.Delete delete, long ticket, Turn<GroupAnswer, GroupFollowUp> turn) {
        Group group = groups.get(delete.groupId());
        Errors refusal = group == null ? Errors.GROUP_ID_NOT_FOUND : group.acceptOffsetDelete();
        if (group == null || refusal != Errors.NONE) {
            turn.reply(ticket, new OffsetRequest.Deleted(refusal, List.of()));
            return;
        }
        List<Errors> errors = new ArrayList<>(delete.partitions().size());
        for (TopicPartition partition : delete.partitions()) {
            if (group.mayReadTopic(partition.topic())) {
                errors.add(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
                continue;
            }
            errors.add(Errors.NONE);
            if (offsets.get(delete.groupId(), partition) != null || offsets.isStaged(delete.groupId(), partition)) {
                turn.persist(OffsetRecords.deleted(delete.groupId(), partition));
            }
        }
        turn.reply(ticket, new OffsetRequest.Deleted(Errors.NONE, errors));
    }

    /** Writes tombstones for all offsets of a group, staged ones left alone. */
    void deleteAll(String groupId, Turn<GroupAnswer, GroupFollowUp> turn) {
        offsets.partitions(groupId).forEach(partition -> turn.persist(OffsetRecords.deleted(groupId, partition)));
    }

    /** Drops what has expired, and groups that have nothing left. Each group is a batch of its own. */
    void expire(Turn<GroupAnswer, GroupFollowUp> turn) {
        for (Group group : groups.sorted()) {
            boolean nothingLeft = expire(group, turn) && !offsets.hasStaged(group.groupId());
            if (nothingLeft && group.isEmpty()) {
                group.tombstones().forEach(turn::persist);
            }
            turn.divide();
        }
    }

    private boolean expire(Group group, Turn<GroupAnswer, GroupFollowUp> turn) {
        boolean nothingLeft = true;
        for (TopicPartition partition : offsets.partitions(group.groupId())) {
            CommittedOffset offset = offsets.get(group.groupId(), partition);
            if (offset != null && expired(group, partition, offset, turn.nowMs())) {
                turn.persist(OffsetRecords.deleted(group.groupId(), partition));
            } else {
                nothingLeft = false;
            }
        }
        return nothingLeft;
    }

    private boolean expired(Group group, TopicPartition partition, CommittedOffset offset, long nowMs) {
        if (offsets.isStaged(group.groupId(), partition)) {
            return false;
        }
        long sinceMs = group.offsetAge(partition.topic(), offset).sinceMs();
        if (sinceMs == Long.MAX_VALUE) {
            return false;
        }
        return offset.expireMs() >= 0 ? nowMs >= offset.expireMs() : nowMs - sinceMs >= rules.offsetsRetentionMs();
    }
}
