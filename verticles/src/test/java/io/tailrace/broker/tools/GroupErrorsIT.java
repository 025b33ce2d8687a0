// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every request about a group, sensible or not, in every state of a group of either kind, over the wire: the error that Apache Kafka gives.
 *
 * <p>What is expected, group-errors.txt, was told by Apache Kafka 4.3.1 with {@code group.initial.rebalance.delay.ms=0}. {@code
 * -Dtailrace.record-from=127.0.0.1:port} asks one anew.
 */
class GroupErrorsIT {

    private static final Path EXPECTED = Path.of("src", "test", "resources", "group-errors.txt");
    private static final String RECORD_FROM = System.getProperty("tailrace.record-from", "");

    /** To tell a join that waits from one that is slow to answer: long where an answer is to come, short where none is. */
    private static final int PATIENCE_MS = 30_000;

    private static final int SILENCE_MS = 700;
    private static final int RECORDING_MS = 3_000;

    @TempDir
    Path dir;

    private interface State {
        void reach(GroupWire group) throws IOException;
    }

    private interface Request {
        String send(GroupWire group) throws IOException;
    }

    private static Map<String, State> states() {
        Map<String, State> states = new LinkedHashMap<>();
        states.put("no group", group -> {});
        states.put("classic Empty", group -> {
            group.joinClassic();
            group.sync(group.memberId(), group.generation());
            group.leave(group.memberId());
        });
        states.put("classic PreparingRebalance", group -> {
            group.joinClassic();
            group.sync(group.memberId(), group.generation());
            group.anotherJoins();
        });
        states.put("classic CompletingRebalance", GroupWire::joinClassic);
        states.put("classic Stable", group -> {
            group.joinClassic();
            group.sync(group.memberId(), group.generation());
        });
        states.put("consumer Empty", group -> {
            group.joinConsumer();
            group.report(group.memberId(), -1);
        });
        states.put("consumer Stable", GroupWire::joinConsumer);
        return states;
    }

    private static Map<String, Request> requests() {
        Map<String, Request> requests = new LinkedHashMap<>();
        requests.put("join", group -> group.join("", "consumer", "range"));
        requests.put("join, member", group -> group.join(group.memberId(), "consumer", "range"));
        requests.put("join, unknown member", group -> group.join("stranger", "consumer", "range"));
        requests.put("join, other type", group -> group.join("", "connect", "range"));
        requests.put("join, other protocol", group -> group.join("", "consumer", "other"));
        requests.put("sync", group -> group.sync(group.memberId(), group.generation()));
        requests.put("sync, other generation", group -> group.sync(group.memberId(), 99));
        requests.put("sync, unknown member", group -> group.sync("stranger", group.generation()));
        requests.put("heartbeat", group -> group.heartbeat(group.memberId(), group.generation()));
        requests.put("heartbeat, other generation", group -> group.heartbeat(group.memberId(), 99));
        requests.put("heartbeat, unknown member", group -> group.heartbeat("stranger", group.generation()));
        requests.put("leave", group -> group.leave(group.memberId()));
        requests.put("leave, unknown member", group -> group.leave("stranger"));
        requests.put("commit", group -> group.commit(group.memberId(), group.generation()));
        requests.put("commit, other generation", group -> group.commit(group.memberId(), 99));
        requests.put("commit, unknown member", group -> group.commit("stranger", group.generation()));
        requests.put("commit, nobody", group -> group.commit("", -1));
        requests.put("fetch", group -> group.fetch(null, -1));
        requests.put("fetch, member", group -> group.fetch(group.memberId(), group.generation()));
        requests.put("fetch, other epoch", group -> group.fetch(group.memberId(), 99));
        requests.put("delete offsets", GroupWire::deleteOffsets);
        requests.put("delete group", GroupWire::deleteGroup);
        requests.put("describe", GroupWire::describe);
        requests.put("describe, consumer", GroupWire::describeConsumer);
        requests.put("report, joins", group -> group.report("new", 0));
        requests.put("report", group -> group.report(group.memberId(), group.generation()));
        requests.put("report, other epoch", group -> group.report(group.memberId(), 99));
        requests.put("report, unknown member", group -> group.report("stranger", 1));
        requests.put("report, leaves", group -> group.report(group.memberId(), -1));
        return requests;
    }

    @Test
    void errorsAreThoseOfApacheKafkaInEveryState() throws Exception {
        if (!RECORD_FROM.isEmpty()) {
            Files.write(EXPECTED, play(RECORD_FROM, Map.of()));
            return;
        }
        List<String> expected = Files.readAllLines(EXPECTED);
        Map<String, String> answers = new LinkedHashMap<>();
        expected.forEach(
                line -> answers.put(line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2)));
        try (BrokerFixture node = BrokerFixture.start(dir)) {
            assertThat(play(node.address(), answers)).isEqualTo(expected);
        }
    }

    private static List<String> play(String address, Map<String, String> expected) throws Exception {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get(60, TimeUnit.SECONDS);
            // Makes the coordinators' topic.
            admin.listConsumerGroupOffsets("first").all().get(60, TimeUnit.SECONDS);
        }
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, State> state : states().entrySet()) {
            for (Map.Entry<String, Request> request : requests().entrySet()) {
                String cell = state.getKey() + ", " + request.getKey();
                int patienceMs = expected.isEmpty()
                        ? RECORDING_MS
                        : "waits".equals(expected.get(cell)) ? SILENCE_MS : PATIENCE_MS;
                try (GroupWire group = new GroupWire(port, UUID.randomUUID().toString(), patienceMs)) {
                    group.awaitCoordinator();
                    state.getValue().reach(group);
                    lines.add(cell + ": " + request.getValue().send(group));
                }
            }
        }
        return lines;
    }
}
