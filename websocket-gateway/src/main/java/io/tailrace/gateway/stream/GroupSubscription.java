// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.stream;

import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.group.GroupCoordinator;
import io.tailrace.gateway.group.GroupMember;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.From;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.Start;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.protocol.Errors;

/** A subscription whose partitions a group's coordinator deals out: the member, and what it reads. */
public final class GroupSubscription implements GroupMember.Listener {

    private final TopicImage topic;
    private final From from;
    private final SubscriptionHost host;
    private final GroupOutlet outlet;
    private final GroupMember member;

    /** What there is to tell beside records. */
    public interface GroupOutlet {

        /** @param withinMs the partitions shall be released in this time; 0 if they are somebody else's already */
        void revoked(Set<Integer> partitions, long withinMs);

        /** There is no such membership, and no subscription any more. */
        void refused(ErrorCode code, String text);
    }

    /**
     * What the client asked for.
     *
     * @param from where to begin in partitions that the group has no commit for
     */
    public record Wish(Visitor visitor, String group, TopicImage topic, From from) {}

    public GroupSubscription(Loop loop, Wish wish, SubscriptionHost host, GroupOutlet outlet) {
        this.topic = wish.topic();
        this.from = wish.from();
        this.host = host;
        this.outlet = outlet;
        GroupCoordinator.Membership membership = new GroupCoordinator.Membership(
                wish.group(), UUID.randomUUID().toString(), topic.name(), topic.id(), GroupMember.REBALANCE_TIMEOUT_MS);
        this.member =
                new GroupMember(loop.vertx(), new GroupCoordinator(loop.apis(), wish.visitor(), membership), this);
    }

    public void start() {
        member.start();
    }

    /** Leaves the group; the host is closed by whoever made it. */
    public void close() {
        member.close();
    }

    /** The client is done with these. */
    public void release(Set<Integer> partitions) {
        member.release(partitions);
    }

    /** Durable when it completes; fails with an {@code ApiException}. */
    public Future<Void> commit(Map<Integer, Position> offsets) {
        return offsets.keySet().stream().allMatch(member::owns)
                ? member.commit(offsets)
                : Future.failedFuture(Errors.FENCED_MEMBER_EPOCH.exception("a partition is not this member's"));
    }

    @Override
    public void opened() {
        host.open(Map.of());
    }

    @Override
    public void read(Set<Integer> partitions, Map<Integer, Position> committed) {
        Map<Integer, Start> starts = new TreeMap<>(from.starts(topic.id(), partitions));
        committed.forEach((partition, position) ->
                starts.computeIfPresent(partition, (same, otherwise) -> new Start.At(position)));
        host.add(starts);
    }

    @Override
    public void revoke(Set<Integer> partitions, long withinMs) {
        host.remove(partitions);
        outlet.revoked(partitions, withinMs);
    }

    @Override
    public void failed(Errors error) {
        outlet.refused(ErrorCode.of(error), error.message());
    }
}
