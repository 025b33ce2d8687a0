// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members whose connection closes without a word, with session timeouts so long that nothing else can end them in this test. */
class PromptLeaveIT {

    private static final String SESSION_MS = "1800000";
    private static final String GROUP = "g";

    @TempDir
    Path dir;

    private final List<KafkaConsumer<byte[], byte[]>> alive = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void takesADynamicMemberOutAfterTheGraceAndKeepsAStaticOne(String protocol) throws Exception {
        try (BrokerFixture node = BrokerFixture.start(
                dir,
                "group.member.disconnect.grace.ms",
                "1500",
                "group.consumer.session.timeout.ms",
                SESSION_MS,
                "group.consumer.max.session.timeout.ms",
                SESSION_MS,
                "group.consumer.heartbeat.interval.ms",
                "300",
                "group.consumer.min.heartbeat.interval.ms",
                "300")) {
            node.topic("t", 6);
            KafkaConsumer<byte[], byte[]> stays = join(node, protocol, null);
            KafkaConsumer<byte[], byte[]> fixed = join(node, protocol, "fixed");
            KafkaConsumer<byte[], byte[]> dynamic = join(node, protocol, null);
            until("all three share", () -> shares(stays, 2) && shares(fixed, 2) && shares(dynamic, 2));

            vanish(fixed);
            vanish(dynamic);

            until(
                    "the dynamic member's partitions are taken over",
                    () -> stays.assignment().size() >= 3);
            try (Admin admin = node.admin()) {
                assertThat(members(admin))
                        .as("the static member left first and still has its place")
                        .hasSize(2)
                        .anyMatch(member -> member.groupInstanceId().equals(Optional.of("fixed")));
            }
            stays.close();
        }
    }

    private static List<MemberDescription> members(Admin admin) throws Exception {
        return List.copyOf(admin.describeConsumerGroups(List.of(GROUP))
                .describedGroups()
                .get(GROUP)
                .get(60, TimeUnit.SECONDS)
                .members());
    }

    private static boolean shares(KafkaConsumer<byte[], byte[]> consumer, int partitions) {
        return consumer.assignment().size() == partitions;
    }

    private KafkaConsumer<byte[], byte[]> join(BrokerFixture node, String protocol, @Nullable String instanceId) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", node.address());
        config.put("group.id", GROUP);
        config.put("group.protocol", protocol);
        config.put("enable.auto.commit", false);
        if (instanceId != null) {
            config.put("group.instance.id", instanceId);
        }
        if (protocol.equals("classic")) {
            config.put("session.timeout.ms", SESSION_MS);
            config.put("heartbeat.interval.ms", "300");
            // The round that follows waits so long for the static member, which is a member still.
            config.put("max.poll.interval.ms", "5000");
        }
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of("t"));
        alive.add(consumer);
        return consumer;
    }

    private void vanish(KafkaConsumer<byte[], byte[]> consumer) {
        alive.remove(consumer);
        consumer.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    }

    private void until(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            alive.forEach(consumer -> consumer.poll(Duration.ofMillis(50)));
        }
    }
}
