// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.quorum.PeerTransport;
import io.tailrace.cluster.quorum.QuorumConfig;
import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import io.tailrace.cluster.quorum.RatisMetadataLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The control plane of a node on its real log. */
@Execution(ExecutionMode.CONCURRENT)
class ControlPlaneTest {

    private static final Endpoint ENDPOINT = new Endpoint("PLAINTEXT", "PLAINTEXT", "localhost", 9092);

    @TempDir
    Path dir;

    private final List<Vertx> instances = new ArrayList<>();

    private static <T> T await(Future<T> future) {
        try {
            return future.await(30, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private ControlPlane controlPlane(String cluster) {
        Vertx vertx = Vertx.vertx();
        instances.add(vertx);
        ControllerConfig config = new ControllerConfig(1, cluster, new TopicDefaults(1, 1, true), Map.of());
        return new ControlPlane(
                vertx,
                config,
                200,
                3,
                ConfigPolicy.permissive(),
                new RatisMetadataLog(
                        QuorumConfig.single(dir, cluster, new Voter(1, "d", "127.0.0.1:1"), 1 << 20),
                        PeerTransport.none()),
                reason -> {
                    throw new AssertionError(reason);
                });
    }

    private static long started(ControlPlane node) {
        await(node.start());
        return await(node.register(List.of(ENDPOINT), Optional.of("rack"), -1, 30_000));
    }

    private static CreateTopics create(String name) {
        return new CreateTopics(List.of(new NewTopic(name, 2, 1, new TreeMap<>(), Map.of())), false);
    }

    @AfterEach
    void close() {
        instances.forEach(vertx -> await(vertx.close()));
    }

    @Test
    void showsATopicToTheNodeBeforeItSaysThatItIsThere() {
        ControlPlane node = controlPlane("c");
        started(node);
        for (int i = 0; i < 50; i++) {
            String name = "t" + i;
            Future<Boolean> seen = node.client().submit(create(name), 10_000).map(reply -> {
                assertThat(((TopicsCreated) reply).topics().get(0).outcome().error())
                        .isEqualTo(Errors.NONE);
                return node.images().image().topics().containsKey(name);
            });
            assertThat(await(seen)).isTrue();
        }
    }

    @Test
    void keepsTopicsAndRaisesTheBrokerEpochWhenRestarted() {
        ControlPlane first = controlPlane("c");
        long firstEpoch = started(first);
        await(first.client().submit(create("t"), 10_000));
        await(first.stop());

        ControlPlane second = controlPlane("c");
        long secondEpoch = started(second);
        assertThat(secondEpoch).isGreaterThan(firstEpoch);
        assertThat(second.images().image().topics()).containsOnlyKeys("t");
        var broker = java.util.Objects.requireNonNull(
                second.images().image().brokers().get(1));
        assertThat(broker.endpoints()).containsExactly(ENDPOINT);
        assertThat(broker.rack()).contains("rack");
        assertThat(broker.fenced()).isFalse();
        assertThat(broker.epoch()).isEqualTo(secondEpoch);
    }

    @Test
    void refusesToStartOnTheLogOfAnotherCluster() {
        ControlPlane first = controlPlane("c");
        started(first);
        await(first.stop());
        assertThatThrownBy(() -> await(controlPlane("other").start())).hasMessageContaining("is not of cluster other");
    }

    @Test
    void saysThatTheControllerIsGoneOnceItIs() {
        ControlPlane node = controlPlane("c");
        started(node);
        await(node.stop());
        assertThat(await(node.client().submit(create("t"), 1_000)))
                .isInstanceOfSatisfying(
                        Refused.class, it -> assertThat(it.outcome().error()).isEqualTo(Errors.NOT_CONTROLLER));
    }
}
