// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.replication.TestController;
import io.tailrace.cluster.metadata.BrokerImage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The heartbeats of a node, taken by the real controller. */
class HeartbeatTest {

    private static final int NODE = 1;
    private static final Uuid THIS_START = new Uuid(1, 1);
    private static final Uuid EARLIER_START = new Uuid(1, 0);

    private final Vertx vertx = Vertx.vertx();
    private final TestController controller = new TestController();
    private final List<String> reasons = Collections.synchronizedList(new ArrayList<>());
    private Heartbeat heartbeat;

    @BeforeEach
    void start() {
        long epoch = controller.register(NODE, THIS_START);
        heartbeat = new Heartbeat(
                vertx,
                controller,
                controller,
                NODE,
                epoch,
                20,
                () -> Future.succeededFuture(controller.register(NODE, THIS_START)),
                reasons::add);
        heartbeat.start();
        eventually(() -> broker().filter(BrokerImage::active).isPresent());
    }

    @AfterEach
    void stop() throws Exception {
        heartbeat.stop();
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    private Optional<BrokerImage> broker() {
        return Optional.ofNullable(controller.image().brokers().get(NODE));
    }

    private static void eventually(BooleanSupplier condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(condition::getAsBoolean);
    }

    @Test
    void registersAnewWhenARegistrationOfAnEarlierStartHasPutItOut() {
        // A node that is fenced by its heartbeats' absence can be registered by anybody.
        heartbeat.stop();
        controller.fence(NODE, true);
        long late = controller.register(NODE, EARLIER_START);
        Heartbeat goesOn = new Heartbeat(
                vertx,
                controller,
                controller,
                NODE,
                heartbeat.brokerEpoch(),
                20,
                () -> Future.succeededFuture(controller.register(NODE, THIS_START)),
                reasons::add);
        heartbeat = goesOn;
        goesOn.start();

        eventually(() -> broker().filter(it -> it.active() && it.incarnationId().equals(THIS_START))
                .isPresent());
        assertThat(broker().orElseThrow().epoch()).isGreaterThan(late);
        eventually(() -> goesOn.brokerEpoch() == broker().orElseThrow().epoch());
        assertThat(reasons).isEmpty();
    }

    @Test
    void knowsHowLongTheControllerHasNotHeardOfTheNode() throws Exception {
        eventually(() -> heartbeat.silentMs() < 20);
        heartbeat.stop();
        eventually(() -> heartbeat.silentMs() > 500);
    }

    @Test
    void stopsANodeThatWasTakenOut() {
        controller.unregister(NODE);

        eventually(() -> !reasons.isEmpty());
        assertThat(reasons).singleElement().asString().contains("taken out of the cluster");
        assertThat(broker()).isEmpty();
    }
}
