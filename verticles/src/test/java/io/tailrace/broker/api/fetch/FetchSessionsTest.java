// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.bus.Read;
import io.tailrace.log.LogRead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class FetchSessionsTest {

    private static final Uuid TOPIC = new Uuid(1, 2);

    private final AtomicInteger ids = new AtomicInteger(100);
    private final FetchSessions sessions = new FetchSessions(2, 1_000, ids::incrementAndGet);

    @Test
    void opensASessionAndRemembersWhatItFetches() {
        FetchPlan opened = sessions.begin(request(0, 0, 0, 1), true, 0);
        FetchPlan next = sessions.begin(request(opened.sessionId(), 1), true, 1);

        assertThat(opened.sessionId()).isEqualTo(101);
        assertThat(next.error()).isEqualTo(Errors.NONE);
        assertThat(partitions(next)).containsExactly(0, 1);
    }

    @Test
    void opensNoneForNothingOrWithoutSlots() {
        assertThat(sessions.begin(request(0, 0), true, 0).sessionId()).isZero();
        assertThat(new FetchSessions(0, 1_000, ids::incrementAndGet)
                        .begin(request(0, 0, 0), true, 0)
                        .sessionId())
                .isZero();
    }

    @Test
    void fetchesWithoutASessionWhenTheEpochSaysSo() {
        FetchPlan plan = sessions.begin(request(0, -1, 0), true, 0);

        assertThat(plan.sessionId()).isZero();
        assertThat(partitions(plan)).containsExactly(0);
        assertThat(sessions.size()).isZero();
    }

    @Test
    void refusesASessionItDoesNotKnow() {
        assertThat(sessions.begin(request(77, 1, 0), true, 0).error()).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    @Test
    void refusesAnEpochOutOfTurn() {
        int id = sessions.begin(request(0, 0, 0), true, 0).sessionId();

        assertThat(sessions.begin(request(id, 2), true, 0).error()).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(sessions.begin(request(id, 1), true, 0).error()).isEqualTo(Errors.NONE);
        assertThat(sessions.begin(request(id, 1), true, 0).error()).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
    }

    @Test
    void refusesToMixTopicNamesAndTopicIdsInASession() {
        int id = sessions.begin(request(0, 0, 0), true, 0).sessionId();

        assertThat(sessions.begin(request(id, 1), false, 0).error()).isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
    }

    @Test
    void forgetsPartitionsAndEndsWithTheLast() {
        int id = sessions.begin(request(0, 0, 0, 1), true, 0).sessionId();

        assertThat(partitions(sessions.begin(forgetting(id, 1, 0), true, 0))).containsExactly(1);
        assertThat(sessions.begin(forgetting(id, 2, 1), true, 0).sessionId()).isZero();
        assertThat(sessions.size()).isZero();
    }

    @Test
    void closesASessionThatASecondFullFetchReplaces() {
        int id = sessions.begin(request(0, 0, 0), true, 0).sessionId();
        int other = sessions.begin(request(id, 0, 0), true, 0).sessionId();

        assertThat(other).isNotEqualTo(id).isNotZero();
        assertThat(sessions.size()).isEqualTo(1);
    }

    @Test
    void givesTheSlotOfASmallOrForgottenSessionToALargeOne() {
        int small = sessions.begin(request(0, 0, 0), true, 0).sessionId();
        sessions.begin(request(0, 0, 0, 1, 2), true, 0);

        assertThat(sessions.begin(request(0, 0, 1), true, 1).sessionId()).isZero();
        assertThat(sessions.begin(request(0, 0, 0, 1), true, 1).sessionId()).isNotZero();
        assertThat(sessions.begin(request(small, 1), true, 1).error()).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(sessions.begin(request(0, 0, 1), true, 200_000).sessionId()).isNotZero();
    }

    @Test
    void tellsAnIncrementalReaderOnlyWhatChanged() {
        int id = sessions.begin(request(0, 0, 0, 1), true, 0).sessionId();
        FetchPlan first = sessions.begin(request(id, 1), true, 0);
        assertThat(first.told(new Read.Result[] {at(5), at(7)})).containsExactly(true, true);

        FetchPlan same = sessions.begin(request(id, 2), true, 0);
        assertThat(same.told(new Read.Result[] {at(5), at(7)})).containsExactly(false, false);

        FetchPlan moved = sessions.begin(request(id, 3), true, 0);
        assertThat(moved.told(new Read.Result[] {at(5), at(8)})).containsExactly(false, true);
    }

    @Test
    void tellsThatAnErrorIsOver() {
        int id = sessions.begin(request(0, 0, 0), true, 0).sessionId();
        FetchPlan failed = sessions.begin(request(id, 1), true, 0);
        assertThat(failed.told(new Read.Result[] {Read.Result.refused(Errors.NOT_LEADER_OR_FOLLOWER)}))
                .containsExactly(true);

        FetchPlan well = sessions.begin(request(id, 2), true, 0);
        assertThat(well.told(new Read.Result[] {at(5)})).containsExactly(true);
    }

    @Test
    void servesThoseThatGaveDataLast() {
        int id = sessions.begin(request(0, 0, 0, 1, 2), true, 0).sessionId();
        FetchPlan plan = sessions.begin(request(id, 1), true, 0);
        plan.told(new Read.Result[] {data(), at(0), at(0)});

        assertThat(partitions(sessions.begin(request(id, 2), true, 0))).containsExactly(1, 2, 0);
    }

    private static Read.Result at(long highWatermark) {
        return Read.Result.nothing(highWatermark, highWatermark, 0, false);
    }

    private static Read.Result data() {
        return new Read.Result(Errors.NONE, new LogRead.Records(List.of(), 10, 0, 1), 1, 1, 0, null, null);
    }

    private static List<Integer> partitions(FetchPlan plan) {
        return plan.positions().stream()
                .map(position -> position.target().partition())
                .toList();
    }

    private static FetchRequestData request(int id, int epoch, int... partitions) {
        List<FetchPartition> wanted = new ArrayList<>();
        for (int partition : partitions) {
            wanted.add(new FetchPartition().setPartition(partition).setPartitionMaxBytes(1_000));
        }
        FetchRequestData request = new FetchRequestData().setSessionId(id).setSessionEpoch(epoch);
        if (!wanted.isEmpty()) {
            request.topics().add(new FetchTopic().setTopicId(TOPIC).setPartitions(wanted));
        }
        return request;
    }

    private static FetchRequestData forgetting(int id, int epoch, int partition) {
        FetchRequestData request = request(id, epoch);
        request.forgottenTopicsData().add(new ForgottenTopic().setTopicId(TOPIC).setPartitions(List.of(partition)));
        return request;
    }
}
