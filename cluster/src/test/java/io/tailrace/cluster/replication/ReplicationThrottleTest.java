// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.cluster.replication.ReplicationThrottle.Side;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class ReplicationThrottleTest {

    private static final int LEADER = 1;
    private static final int IN_SYNC = 2;
    private static final int COMING = 3;
    private static final String LEADER_RATE = "leader.replication.throttled.rate";
    private static final String LEADER_LIST = "leader.replication.throttled.replicas";

    private final ReplicationThrottle throttle = new ReplicationThrottle(Side.LEADER, LEADER);

    private static TopicImage topic(Map<String, String> configs) {
        PartitionImage partition = new PartitionImage(
                0,
                List.of(LEADER, IN_SYNC, COMING),
                List.of(LEADER, IN_SYNC),
                List.of(),
                List.of(),
                List.of(COMING),
                List.of(),
                LEADER,
                0,
                0);
        return new TopicImage("t", new Uuid(1, 1), List.of(partition), configs);
    }

    private static ClusterImage image(Map<String, Map<String, String>> brokerConfigs) {
        return new ClusterImage(
                "c", 1, 1, Map.of(), Map.of(), Map.of(), brokerConfigs, Map.of(), Map.of(), Map.of(), 0);
    }

    @Test
    void concernsReplicasOutOfSyncThatAreInTheTopicsList() {
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        TopicImage listed = topic(Map.of(LEADER_LIST, "0:1, 0:7"));

        assertThat(throttle.concerns(listed, 0, COMING)).isTrue();
        assertThat(throttle.concerns(listed, 0, IN_SYNC)).isFalse();
        assertThat(throttle.concerns(listed, 1, COMING)).isFalse();
    }

    @Test
    void theListNamesTheReplicaOnThisNode() {
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        assertThat(throttle.concerns(topic(Map.of(LEADER_LIST, "0:3,1:1")), 0, COMING))
                .isFalse();
    }

    @Test
    void aStarIsAllReplicas() {
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        assertThat(throttle.concerns(topic(Map.of(LEADER_LIST, "*")), 0, COMING))
                .isTrue();
    }

    @Test
    void theFollowersListIsNotTheLeaders() {
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        assertThat(throttle.concerns(topic(Map.of("follower.replication.throttled.replicas", "*")), 0, COMING))
                .isFalse();
    }

    @Test
    void withoutARateNothingIsHeldBack() {
        TopicImage all = topic(Map.of(LEADER_LIST, "*"));
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        throttle.passed(5_000, 0);
        assertThat(throttle.openAtMs(0)).isEqualTo(4_001);

        throttle.follow(image(Map.of("2", Map.of(LEADER_RATE, "1000"))), 0);

        assertThat(throttle.concerns(all, 0, COMING)).isFalse();
        assertThat(throttle.openAtMs(0)).isZero();
    }

    @Test
    void aNodesOwnRateGoesBeforeThatOfAll() {
        throttle.follow(image(Map.of("", Map.of(LEADER_RATE, "10"), "1", Map.of(LEADER_RATE, "1000"))), 0);
        throttle.passed(2_000, 0);
        assertThat(throttle.openAtMs(0)).isEqualTo(1_001);
    }

    @Test
    void anotherImageDoesNotFillTheBucket() {
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        throttle.passed(2_000, 0);
        throttle.follow(image(Map.of("1", Map.of(LEADER_RATE, "1000"))), 0);
        assertThat(throttle.openAtMs(0)).isEqualTo(1_001);
    }
}
