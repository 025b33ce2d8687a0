// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import static io.tailrace.cluster.group.consumer.ProtocolMember.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.group.AdminRequest;
import io.tailrace.cluster.group.CommittedOffset;
import io.tailrace.cluster.group.classic.ClassicRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each transition of a consumer group, seen through its requests; after each test the log must say what the machine knows. */
class ConsumerGroupTest {

    private GroupBench bench = new GroupBench();

    @AfterEach
    void replayEqualsLive() {
        assertThat(bench.replayed()).isEqualTo(bench.replicated());
    }

    private ProtocolMember member(String id, String... topics) {
        return new ProtocolMember(bench, id, topics);
    }

    private Errors refusal(ConsumerRequest.Heartbeat beat) {
        return bench.ask(beat, ConsumerRequest.Beaten.class).error();
    }

    private static ConsumerRequest.Heartbeat join(String memberId, List<String> topics, String regex) {
        return ProtocolMember.request(memberId, 0, null, topics, regex, Set.of());
    }

    @Test
    void givesTheFirstMemberEverythingAtOnce() {
        bench.topic("t", 3);
        ProtocolMember a = member("a", "t");
        ConsumerRequest.Beaten beaten = a.beatAndReconcile();
        assertThat(beaten.memberEpoch()).isEqualTo(1);
        assertThat(a.owned())
                .containsExactly(bench.partition("t", 0), bench.partition("t", 1), bench.partition("t", 2));
        assertThat(bench.group(GROUP).stateName()).isEqualTo("Stable");
    }

    @Test
    void writesNothingForAHeartbeatWithoutNews() {
        bench.topic("t", 3);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        int size = bench.written().size();
        assertThat(a.beat().assignment()).isNull();
        assertThat(bench.written().size()).isEqualTo(size);
    }

    @Test
    void movesAPartitionOnlyWhenItsOwnerHasGivenItBack() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        a.beatAndReconcile();

        assertThat(b.beatAndReconcile().memberEpoch()).isEqualTo(2);
        assertThat(b.owned()).isEmpty();
        assertThat(b.holding().state()).isEqualTo(MemberState.UNRELEASED_PARTITIONS);

        ConsumerRequest.Beaten told = a.beat();
        assertThat(told.memberEpoch())
                .as("stays in its epoch until it has revoked")
                .isEqualTo(1);
        assertThat(told.assignment()).hasSize(1);
        assertThat(a.holding().state()).isEqualTo(MemberState.UNREVOKED_PARTITIONS);
        assertThat(bench.group(GROUP).stateName()).isEqualTo("Reconciling");

        b.beatAndReconcile();
        assertThat(b.owned()).as("still held by a").isEmpty();

        a.beat();
        assertThat(a.epoch()).as("a has not confirmed yet").isEqualTo(1);
        a.reconcile();
        assertThat(a.beat().memberEpoch()).isEqualTo(2);
        b.beatAndReconcile();
        assertThat(b.owned()).hasSize(1).doesNotContainAnyElementsOf(a.owned());
        assertThat(bench.group(GROUP).stateName()).isEqualTo("Stable");
    }

    /** The member owns nothing yet, as it does not know the topic's name; it may take over what it was told before it hears of the change. */
    @Test
    void givesNothingToOthersThatAMemberWasToldAndMayStillTakeOver() {
        bench.topic("t", 2);
        ProtocolMember slow = member("a", "t");
        ProtocolMember other = member("b", "t");
        assertThat(slow.beat().assignment()).hasSize(2);
        other.beatAndReconcile();

        ConsumerRequest.Beaten told = slow.beat();

        assertThat(told.assignment()).as("is told to give one back").hasSize(1);
        assertThat(slow.holding().state()).isEqualTo(MemberState.UNREVOKED_PARTITIONS);
        other.beatAndReconcile();
        assertThat(other.owned()).as("nobody knows whether a has taken it over").isEmpty();
        slow.beat();
        other.beatAndReconcile();
        assertThat(other.owned()).as("a says nothing of what it may keep").isEmpty();
        slow.reconcile();
        slow.beat();
        other.beatAndReconcile();
        assertThat(other.owned()).hasSize(1).doesNotContainAnyElementsOf(slow.owned());
    }

    @Test
    void believesAMemberThatJoinsAgainThatItOwnsNothing() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        a.beatAndReconcile();
        b.beatAndReconcile();
        a.abandon();
        a.beatAndReconcile();
        b.beatAndReconcile();
        assertThat(b.owned()).hasSize(1).doesNotContainAnyElementsOf(a.owned());
    }

    @Test
    void removesAMemberThatDoesNotRevokeInTime() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        a.beatAndReconcile();
        b.beatAndReconcile();
        assertThat(a.beat().assignment()).hasSize(1);
        long toldMs = bench.nowMs();
        while (a.beat().error() == Errors.NONE) {
            b.beatAndReconcile();
            bench.advance(5_000);
        }
        assertThat(bench.nowMs() - toldMs).as("the rebalance timeout").isEqualTo(60_000);
        assertThat(bench.group(GROUP).member("a")).isNull();
        b.beatAndReconcile();
        assertThat(b.owned()).hasSize(2);
    }

    @Test
    void removesASilentMemberWhenItsSessionEnds() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        bench.advance(44_999);
        assertThat(bench.group(GROUP).member("a")).isNotNull();
        bench.advance(1);
        assertThat(bench.group(GROUP).member("a")).isNull();
        assertThat(bench.group(GROUP).stateName()).isEqualTo("Empty");
        assertThat(a.beat().error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void letsAGroupHaveItsOwnSessionTimeoutWithinBounds() {
        bench.topic("t", 1);
        bench.groupConfig(GROUP, "consumer.session.timeout.ms", "50000");
        member("a", "t").beat();
        bench.advance(49_999);
        assertThat(bench.group(GROUP).isEmpty()).isFalse();
        bench.advance(1);
        assertThat(bench.group(GROUP).isEmpty()).isTrue();
    }

    @Test
    void fencesAWrongEpochButAcceptsTheRequestWhoseAnswerWasLost() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        Set<PartitionId> both = Set.copyOf(a.owned());
        assertThat(refusal(ProtocolMember.request("a", 7, null, null, null, null)))
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        ProtocolMember b = member("b", "t");
        b.beat();
        a.beatAndReconcile();
        a.beatInTheDark();
        assertThat(a.holding().memberEpoch()).isEqualTo(2);
        assertThat(refusal(ProtocolMember.request("a", 1, null, null, null, both)))
                .as("owns more than it may")
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        assertThat(refusal(ProtocolMember.request("a", 1, null, null, null, null)))
                .as("does not say what it owns")
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        assertThat(a.beat().memberEpoch()).isEqualTo(2);
    }

    @Test
    void takesAFencedMemberBackUnderItsOwnId() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        a.abandon();
        assertThat(a.beatAndReconcile().error()).isEqualTo(Errors.NONE);
        assertThat(a.owned()).hasSize(2);
    }

    @Test
    void refusesMalformedRequests() {
        assertThat(refusal(ProtocolMember.request("", 0, null, List.of("t"), null, Set.of())))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(refusal(ProtocolMember.request("a", 0, null, null, null, Set.of())))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(refusal(ProtocolMember.request("a", 0, null, List.of("t"), null, null)))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(refusal(ProtocolMember.request("a", -2, null, null, null, null)))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(refusal(ProtocolMember.request("a", -3, null, null, null, null)))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(refusal(ProtocolMember.request("a", 1, null, null, null, null)))
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(refusal(ProtocolMember.request("a", -1, null, null, null, null)))
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(bench.findGroup(GROUP)).isEmpty();
    }

    @Test
    void refusesAnAssignorThatItDoesNotHave() {
        ConsumerRequest.Heartbeat beat = new ConsumerRequest.Heartbeat(
                GROUP, "a", "", 0, null, null, "c", "/h", 1000, List.of("t"), null, "magic", Set.of(), topic -> true);
        assertThat(refusal(beat)).isEqualTo(Errors.UNSUPPORTED_ASSIGNOR);
    }

    @Test
    void givesAnOldClientAnId() {
        bench.topic("t", 1);
        ConsumerRequest.Heartbeat beat = new ConsumerRequest.Heartbeat(
                GROUP, "", "fresh", 0, null, null, "c", "/h", 1000, List.of("t"), null, "range", Set.of(), t -> true);
        assertThat(bench.ask(beat, ConsumerRequest.Beaten.class).memberId()).isEqualTo("fresh");
        assertThat(bench.group(GROUP).assignor().name()).isEqualTo("range");
    }

    @Test
    void limitsTheSizeOfAGroup() {
        bench = new GroupBench(ConsumerRules.DEFAULT.withMaxSize(1));
        bench.topic("t", 1);
        ProtocolMember a = member("a", "t");
        a.beat();
        assertThat(member("b", "t").beat().error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
        assertThat(a.beat().error()).isEqualTo(Errors.NONE);
    }

    @Test
    void keepsThePlaceOfAStaticMemberThatWillBeBack() {
        bench.topic("t", 4);
        ProtocolMember a = new ProtocolMember(bench, "a", "i", List.of("t"));
        ProtocolMember b = member("b", "t");
        ProtocolMember.settle(a, b);
        Set<PartitionId> had = Set.copyOf(a.owned());
        int epoch = bench.group(GROUP).epoch();
        a.leaveForAWhile();
        assertThat(b.beat().memberEpoch()).isEqualTo(b.epoch());
        ProtocolMember back = new ProtocolMember(bench, "a2", "i", List.of("t"));
        back.beatAndReconcile();
        assertThat(back.owned()).isEqualTo(had);
        assertThat(bench.group(GROUP).epoch()).as("nobody else notices").isEqualTo(epoch);
        assertThat(bench.group(GROUP).member("a")).isNull();
    }

    @Test
    void doesNotGiveAnInstanceIdTwice() {
        bench.topic("t", 1);
        ProtocolMember a = new ProtocolMember(bench, "a", "i", List.of("t"));
        a.beatAndReconcile();
        ProtocolMember thief = new ProtocolMember(bench, "b", "i", List.of("t"));
        assertThat(thief.beat().error()).isEqualTo(Errors.UNRELEASED_INSTANCE_ID);
        a.leaveForAWhile();
        assertThat(thief.beat().error()).isEqualTo(Errors.NONE);
        assertThat(refusal(ProtocolMember.request("a", 1, "i", null, null, null)))
                .isEqualTo(Errors.FENCED_INSTANCE_ID);
        assertThat(refusal(ProtocolMember.request("a", -1, "i", null, null, null)))
                .isEqualTo(Errors.FENCED_INSTANCE_ID);
        assertThat(refusal(ProtocolMember.request("x", 1, "other", null, null, null)))
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void removesAStaticMemberThatDoesNotComeBack() {
        bench.topic("t", 1);
        ProtocolMember a = new ProtocolMember(bench, "a", "i", List.of("t"));
        a.beatAndReconcile();
        a.leaveForAWhile();
        bench.advance(45_000);
        assertThat(bench.group(GROUP).isEmpty()).isTrue();
    }

    @Test
    void assignsNewPartitionsAndTakesDeletedTopicsAway() {
        bench.topic("t", 1);
        ProtocolMember a = member("a", "t", "later");
        a.beatAndReconcile();
        assertThat(a.owned()).hasSize(1);
        bench.topic("t", 3);
        a.beatAndReconcile();
        assertThat(a.owned()).hasSize(3);
        bench.topic("later", 2);
        ProtocolMember.settle(a);
        assertThat(a.owned()).hasSize(5);
        bench.deleteTopic("t");
        ProtocolMember.settle(a);
        assertThat(a.owned()).containsExactly(bench.partition("later", 0), bench.partition("later", 1));
    }

    @Test
    void ignoresTopicsThatNobodyReads() {
        bench.topic("t", 1);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        int size = bench.written().size();
        bench.topic("other", 5);
        a.beat();
        assertThat(bench.written().size()).isEqualTo(size);
    }

    @Test
    void resolvesPatternsAndFollowsNewTopics() {
        bench.topic("app-1", 1);
        bench.topic("sys", 1);
        bench.topic("my-app-1", 1);
        ProtocolMember a = member("a");
        a.subscribe(List.of(), "app-.*");
        ProtocolMember.settle(a);
        assertThat(a.owned()).as("matched in full").containsExactly(bench.partition("app-1", 0));
        bench.topic("app-2", 2);
        bench.advance(10_001);
        ProtocolMember.settle(a);
        assertThat(a.owned()).hasSize(3);
        assertThat(bench.group(GROUP).mayReadTopic("app-2")).isTrue();
        a.subscribe(List.of("sys"), null);
        ProtocolMember.settle(a);
        assertThat(a.owned()).containsExactly(bench.partition("sys", 0));
        assertThat(bench.group(GROUP).regexes()).isEmpty();
    }

    @Test
    void refusesABrokenPatternBeforeItWritesAnything() {
        assertThat(refusal(join("a", List.of(), "a(b"))).isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
        assertThat(bench.written().size()).isZero();
    }

    @Test
    void matchesOnlyTopicsThatTheMemberMaySee() {
        bench.topic("open", 1);
        bench.topic("secret", 1);
        ConsumerRequest.Heartbeat beat = new ConsumerRequest.Heartbeat(
                GROUP, "a", "", 0, null, null, "c", "/h", 1000, null, ".*", null, Set.of(), "open"::equals);
        assertThat(bench.ask(beat, ConsumerRequest.Beaten.class).assignment())
                .containsExactly(bench.partition("open", 0));
    }

    @Test
    void takesUnsubscribedTopicsAway() {
        bench.topic("t", 1);
        bench.topic("u", 1);
        ProtocolMember a = member("a", "t", "u");
        a.beatAndReconcile();
        a.subscribe(List.of("u"), null);
        assertThat(a.beat().assignment()).containsExactly(bench.partition("u", 0));
    }

    // Offsets.

    // Administration.

    @Test
    void isListedDescribedAndDeleted() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        assertThat(bench.ask(new AdminRequest.ListGroups(Set.of(), Set.of("consumer")), AdminRequest.Listed.class)
                        .groups())
                .containsExactly(new AdminRequest.Listing(GROUP, "consumer", "Stable", "Consumer"));
        ConsumerRequest.Described described =
                bench.ask(new ConsumerRequest.Describe(GROUP), ConsumerRequest.Described.class);
        assertThat(described.assignor()).isEqualTo("uniform");
        assertThat(described.members()).hasSize(1);
        assertThat(described.members().get(0).assigned()).isEqualTo(a.owned());
        assertThat(bench.ask(new ClassicRequest.Describe(GROUP), ClassicRequest.Described.class)
                        .error())
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(bench.ask(new ConsumerRequest.Describe("x"), ConsumerRequest.Described.class)
                        .error())
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(delete()).isEqualTo(Errors.NON_EMPTY_GROUP);
        a.leave();
        assertThat(delete()).isEqualTo(Errors.NONE);
        assertThat(bench.findGroup(GROUP)).isEmpty();
    }

    private Errors delete() {
        return bench.ask(new AdminRequest.Delete(GROUP), AdminRequest.Done.class)
                .error();
    }

    // Writes that fail.

    @Test
    void forgetsWhatTheLogDidNotTake() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        String before = bench.replicated();
        assertThat(bench.askInVain(join("b", List.of("t"), null), Errors.NOT_ENOUGH_REPLICAS))
                .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        assertThat(bench.replicated()).isEqualTo(before);
        bench.topic("t", 4);
        assertThat(bench.askInVain(a.next(), Errors.NOT_ENOUGH_REPLICAS)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        ProtocolMember.settle(a);
        assertThat(a.owned())
                .as("the change of the topic is not lost with the write")
                .hasSize(4);
    }

    @Test
    void goesOnAfterTheCoordinatorMoved() {
        bench.topic("t", 2);
        ProtocolMember a = member("a", "t");
        ProtocolMember b = member("b", "t");
        a.beatAndReconcile();
        b.beat();
        a.beat();
        assertThat(bench.askInVain(join("c", List.of("t"), null), Errors.UNKNOWN_SERVER_ERROR))
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
        a.reconcile();
        ProtocolMember.settle(a, b);
        assertThat(a.owned()).hasSize(1);
        assertThat(b.owned()).hasSize(1);
        bench.advance(45_000);
        assertThat(bench.group(GROUP).isEmpty()).as("sessions were set anew").isTrue();
    }

    // From one protocol to the other.

    @Test
    void takesTheIdOfAnEmptyClassicGroupWithItsOffsets() {
        bench.topic("t", 1);
        assertThat(bench.commit("", -1, 9, 0)).containsExactly(Errors.NONE);
        assertThat(bench.machine().groups().get(GROUP)).isNotInstanceOf(ConsumerGroup.class);
        member("a", "t").beatAndReconcile();
        assertThat(bench.group(GROUP).size()).isEqualTo(1);
        CommittedOffset kept = bench.machine().offsets().get(GROUP, new TopicPartition("t", 0));
        assertThat(kept).isNotNull();
    }

    @Test
    void givesItsIdToAClassicMemberWhenEmpty() {
        bench.topic("t", 1);
        ProtocolMember a = member("a", "t");
        a.beatAndReconcile();
        assertThat(classicJoin().error()).isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(bench.commit("a", 1, 9, 0)).containsExactly(Errors.NONE);
        a.leave();
        assertThat(classicJoin().error()).isEqualTo(Errors.MEMBER_ID_REQUIRED);
        assertThat(bench.findGroup(GROUP)).isEmpty();
        assertThat(bench.machine().offsets().get(GROUP, new TopicPartition("t", 0)))
                .isNotNull();
    }

    private ClassicRequest.Joined classicJoin() {
        return bench.ask(
                new ClassicRequest.Join(
                        GROUP,
                        "",
                        null,
                        "fresh",
                        new ClassicRequest.Client("c", "/h"),
                        "consumer",
                        List.of(new ClassicRequest.Protocol("range", new byte[0])),
                        10_000,
                        10_000,
                        true,
                        true),
                ClassicRequest.Joined.class);
    }

    @Test
    void isBalancedWithManyMembers() {
        bench.topic("t", 20);
        List<ProtocolMember> members = new ArrayList<>();
        IntStream.range(0, 6).forEach(i -> members.add(member("m" + i, "t")));
        ProtocolMember.settle(members.toArray(new ProtocolMember[0]));
        assertThat(members)
                .allSatisfy(member -> assertThat(member.owned().size()).isBetween(3, 4));
    }
}
