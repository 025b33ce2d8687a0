// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static io.tailrace.broker.net.ListenerFixture.api;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.api.Responses;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several requests in hand at once: order, bounds, silence, failures. */
final class PipeliningTest {

    private static final int VERSION = 4;

    /** A heartbeat that the test answers when it likes. */
    private record Asked(String member, Promise<ApiMessage> answer) {}

    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private final ListenerConfig config = ListenerFixture.config()
            .with(new RequestRules(
                    RequestRules.defaults().beforeAuthentication(),
                    RequestRules.defaults().afterAuthentication(),
                    16,
                    1 << 20));
    private final ListenerFixture broker = ListenerFixture.start(
            config,
            ListenerPorts.plain(RequestBudget.ofThisMachine()),
            api(ApiKeys.HEARTBEAT, (context, request) -> {
                Promise<ApiMessage> answer = Promise.promise();
                asked.add(new Asked(((HeartbeatRequestData) request).memberId(), answer));
                return answer.future();
            }),
            api(
                    ApiKeys.PRODUCE,
                    (context, request) -> ((ProduceRequestData) request).timeoutMs() < 0
                            ? Future.failedFuture(new IllegalStateException("handler broke"))
                            : Responses.silence()));

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void answersInOrderHoweverHandlersFinish() throws Exception {
        long seed = System.nanoTime();
        RawClient client = broker.connect();
        for (int i = 0; i < 16; i++) {
            client.send(ApiKeys.HEARTBEAT, VERSION, i, heartbeat(i));
        }
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Asked next = take();
            assertThat(next.member()).isEqualTo("member-" + i);
            all.add(next);
        }
        Collections.shuffle(all, new Random(seed));

        all.forEach(one -> one.answer()
                .complete(new HeartbeatResponseData()
                        .setThrottleTimeMs(Integer.parseInt(one.member().substring(7)))));

        for (int i = 0; i < 16; i++) {
            HeartbeatResponseData response = client.receive(ApiKeys.HEARTBEAT, VERSION, i, new HeartbeatResponseData());
            assertThat(response.throttleTimeMs()).as("seed %d", seed).isEqualTo(i);
        }
    }

    @Test
    void startsNoMoreThanTheBoundAndThenTheRest() throws Exception {
        RawClient client = broker.connect();
        for (int i = 0; i < 40; i++) {
            client.send(ApiKeys.HEARTBEAT, VERSION, i, heartbeat(i));
        }
        await().until(() -> asked.size() == 16);
        // Another connection is served meanwhile, by whichever loop; what it gets proves time has passed.
        RawClient other = broker.connect();
        other.send(ApiKeys.HEARTBEAT, VERSION, 1, heartbeat(99));
        await().until(() -> asked.size() == 17);
        assertThat(client.isSilent(100)).isTrue();
        assertThat(asked).hasSize(17);

        for (int i = 0; i < 41; i++) {
            take().answer().complete(new HeartbeatResponseData());
        }
        for (int i = 0; i < 40; i++) {
            client.receive(ApiKeys.HEARTBEAT, VERSION, i, new HeartbeatResponseData());
        }
    }

    @Test
    void saysNothingToProducersThatWantNothing() throws Exception {
        RawClient client = broker.connect();
        client.send(ApiKeys.PRODUCE, 9, 1, produce(1000));
        client.send(ApiKeys.HEARTBEAT, VERSION, 2, heartbeat(0));
        take().answer().complete(new HeartbeatResponseData());

        client.receive(ApiKeys.HEARTBEAT, VERSION, 2, new HeartbeatResponseData());
    }

    @Test
    void turnsFailureIntoTheErrorOfTheApi() throws Exception {
        RawClient client = broker.connect();
        client.send(ApiKeys.HEARTBEAT, VERSION, 1, heartbeat(0));
        client.send(ApiKeys.HEARTBEAT, VERSION, 2, heartbeat(1));
        take().answer().fail(new IllegalStateException("secret"));
        take().answer().fail(new CoordinatorNotAvailableException("loading"));

        assertThat(client.receive(ApiKeys.HEARTBEAT, VERSION, 1, new HeartbeatResponseData())
                        .errorCode())
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        assertThat(client.receive(ApiKeys.HEARTBEAT, VERSION, 2, new HeartbeatResponseData())
                        .errorCode())
                .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
    }

    @Test
    void hangsUpWhenFailureCannotBeTold() throws Exception {
        RawClient client = broker.connect();
        client.send(ApiKeys.PRODUCE, 9, 1, produce(-1));

        assertThat(client.isHungUpOn()).isTrue();
    }

    @Test
    void forgetsConnectionThatDiesWithRequestsInHand() throws Exception {
        RawClient client = broker.connect();
        client.send(ApiKeys.HEARTBEAT, VERSION, 1, heartbeat(0));
        Asked late = take();
        client.reset();
        await().until(() -> broker.counts.total() == 0);

        late.answer().complete(new HeartbeatResponseData());

        await().until(() -> broker.budget.usedBytes() == 0);
    }

    private Asked take() throws InterruptedException {
        Asked next = asked.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("a request that reached its handler").isNotNull();
        return next;
    }

    private static HeartbeatRequestData heartbeat(int member) {
        return new HeartbeatRequestData().setGroupId("g").setMemberId("member-" + member);
    }

    private static ProduceRequestData produce(int timeoutMs) {
        return new ProduceRequestData().setAcks((short) 0).setTimeoutMs(timeoutMs);
    }
}
