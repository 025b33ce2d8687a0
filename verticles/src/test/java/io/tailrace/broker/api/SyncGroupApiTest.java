// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.Replies;
import io.tailrace.broker.group.GroupCoordinators;
import io.tailrace.cluster.bus.GroupReply;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What members are told whose coordinator has moved. */
final class SyncGroupApiTest {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /** Found by chaos: clients know no "loading" here, and fall out. The round is lost with the old coordinator anyway. */
    @Test
    void aCoordinatorThatLoadsHasMembersJoinAgain() throws Exception {
        ControllerAtHand controller = new ControllerAtHand();
        controller.ask(new CreateTopics(
                List.of(new NewTopic(Topic.GROUP_METADATA_TOPIC_NAME, 1, 1, new TreeMap<>(), Map.of())), false));
        Bus bus = new Bus(vertx, ControllerAtHand.NODE, 1);
        Replies replies = new Replies();
        bus.serveGroup(0, call -> {
            replies.reply(call, new GroupReply.Refused(Errors.COORDINATOR_LOAD_IN_PROGRESS));
            replies.flush();
        });
        SyncGroupApi api =
                new SyncGroupApi(new GroupCoordinators(bus, controller, ControllerAtHand.NODE), Authorizer.allowAll());

        SyncGroupResponseData answer = (SyncGroupResponseData) api.handle(
                        Asking.context(3),
                        new SyncGroupRequestData().setGroupId("g").setMemberId("m"))
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);

        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    }
}
