// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DescribeTopicPartitionsApiTest {

    private final ControllerAtHand controller = new ControllerAtHand();

    @BeforeEach
    void createTopics() {
        Map.of("a", 3, "b", 2, "c", 1).forEach((name, partitions) -> {
            Object unused = controller.ask(
                    new CreateTopics(List.of(new NewTopic(name, partitions, 1, new TreeMap<>(), Map.of())), false));
        });
    }

    private DescribeTopicPartitionsApi api(Authorizer authorizer) {
        return new DescribeTopicPartitionsApi(controller, authorizer);
    }

    private static DescribeTopicPartitionsRequestData request(int limit, String... names) {
        DescribeTopicPartitionsRequestData request =
                new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(limit);
        for (String name : names) {
            request.topics().add(new TopicRequest().setName(name));
        }
        return request;
    }

    /** All pages, each as its partitions. */
    private List<String> pages(Authorizer authorizer, int limit, String... names) {
        List<String> pages = new ArrayList<>();
        DescribeTopicPartitionsRequestData request = request(limit, names);
        while (true) {
            DescribeTopicPartitionsResponseData response = Asking.ask(api(authorizer), 0, request);
            List<String> page = new ArrayList<>();
            response.topics().forEach(topic -> {
                if (topic.errorCode() != 0) {
                    page.add(topic.name() + " " + Errors.forCode(topic.errorCode()));
                }
                topic.partitions().forEach(partition -> page.add(topic.name() + partition.partitionIndex()));
            });
            pages.add(String.join(" ", page));
            if (response.nextCursor() == null) {
                return pages;
            }
            request.setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                    .setTopicName(response.nextCursor().topicName())
                    .setPartitionIndex(response.nextCursor().partitionIndex()));
        }
    }

    @Test
    void pagesThroughAllTopicsInOrderOfTheirNames() {
        assertThat(pages(Authorizer.allowAll(), 2)).containsExactly("a0 a1", "a2 b0", "b1 c0");
        assertThat(pages(Authorizer.allowAll(), 3)).containsExactly("a0 a1 a2", "b0 b1 c0");
        assertThat(pages(Authorizer.allowAll(), 1)).containsExactly("a0", "a1", "a2", "b0", "b1", "c0");
        assertThat(pages(Authorizer.allowAll(), 2000)).containsExactly("a0 a1 a2 b0 b1 c0");
        assertThat(pages(Authorizer.allowAll(), 0)).hasSize(6);
    }

    @Test
    void tellsTopicsAskedForByNameEvenIfTheyAreNotThere() {
        assertThat(pages(Authorizer.allowAll(), 2, "c", "absent", "a", "a b"))
                .containsExactly("a0 a1", "a2 a b INVALID_TOPIC_EXCEPTION absent UNKNOWN_TOPIC_OR_PARTITION c0");
    }

    @Test
    void hidesWhatMustNotBeDescribed() {
        Authorizer authorizer = Asking.denying(ResourceType.TOPIC, Set.of("a", "absent"), DESCRIBE);
        assertThat(pages(authorizer, 2000)).containsExactly("b0 b1 c0");
        assertThat(pages(authorizer, 2000, "a", "absent", "c"))
                .containsExactly("a TOPIC_AUTHORIZATION_FAILED absent TOPIC_AUTHORIZATION_FAILED c0");
    }

    @Test
    void tellsLeadersEpochsAndEligibleLeaderReplicas() {
        DescribeTopicPartitionsResponseData response = Asking.ask(api(Authorizer.allowAll()), 0, request(10, "c"));
        var topic = response.topics().find("c");
        assertThat(topic.topicAuthorizedOperations()).isEqualTo(0b1101_1111_1000);
        assertThat(topic.partitions()).singleElement().satisfies(partition -> {
            assertThat(partition.leaderId()).isEqualTo(1);
            assertThat(partition.leaderEpoch()).isZero();
            assertThat(partition.isrNodes()).containsExactly(1);
            assertThat(partition.eligibleLeaderReplicas()).isEmpty();
            assertThat(partition.lastKnownElr()).isEmpty();
        });
    }

    @Test
    void refusesACursorBeforeTheFirstPartition() {
        DescribeTopicPartitionsRequestData request = request(10, "a")
                .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                        .setTopicName("a")
                        .setPartitionIndex(-1));
        DescribeTopicPartitionsResponseData response = Asking.ask(api(Authorizer.allowAll()), 0, request);
        assertThat(response.topics().find("a").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }
}
