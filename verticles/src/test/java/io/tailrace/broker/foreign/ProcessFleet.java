// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.broker.BrokerFixture;
import io.tailrace.broker.NodeJvm;
import io.tailrace.broker.Stickiness;
import io.tailrace.broker.foreign.DeliveryJudge.Commit;
import io.tailrace.broker.foreign.DeliveryJudge.Delivery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;

/**
 * Consumers in processes of their own that share a topic, a producer that fills it, and what must hold whatever happens to them.
 *
 * <p><b>Nothing twice within what was committed.</b> The members made of kafkajs and of the Java consumer commit and say when that was answered:
 * whatever is read later must be beyond. kcat commits by itself, every half a second, and does not say so. A member that leaves, or that gives a partition up, commits what
 * it printed, so a record may come twice only if its first reader was killed; and only at or beyond the offset that the broker had for the
 * partition when that reader was dead, before its session ended.
 */
final class ProcessFleet implements AutoCloseable {

    enum Client {
        KCAT,
        KAFKAJS,
        JAVA_CLASSIC,
        JAVA_CONSUMER;

        /** kafkajs has no sticky assignor, only one that deals the partitions out in turn. */
        boolean isSticky() {
            return this != KAFKAJS;
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final String TOPIC = "shared";
    private static final String GROUP = "foreigners";

    private final Client client;
    private final BrokerFixture node;
    private final Path dir;
    private final int partitions;
    private final Admin admin;
    private final List<Member> members = new ArrayList<>();
    private final List<Member> all = new ArrayList<>();
    private final Set<String> written = ConcurrentHashMap.newKeySet();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Thread filler = new Thread(this::fill);
    /** Who had what when the group was at rest last, by member id. */
    private Map<String, Set<TopicPartition>> shares = Map.of();

    private volatile boolean filling = true;
    private volatile boolean paused;

    /** A process; {@code committed} is what the broker had when it was dead, by partition, if it was killed. */
    private static final class Member {
        final Process process;
        final Path output;
        Map<Integer, Long> committed = Map.of();
        boolean killed;

        Member(Process process, Path output) {
            this.process = process;
            this.output = output;
        }

        String name() {
            return output.getFileName().toString();
        }
    }

    ProcessFleet(Client client, BrokerFixture node, Path dir, int partitions) throws IOException {
        this.client = client;
        this.node = node;
        this.dir = Files.createDirectories(dir);
        this.partitions = partitions;
        this.admin = node.admin();
        node.topic(TOPIC, partitions);
        filler.start();
    }

    private void fill() {
        try (KafkaProducer<byte[], byte[]> producer = node.producer("linger.ms", "5")) {
            int number = 0;
            while (filling) {
                if (!paused) {
                    send(producer, number++);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, int number) {
        String value = "v" + number;
        written.add(value);
        producer.send(
                new ProducerRecord<>(TOPIC, number % partitions, null, value.getBytes(UTF_8)), (metadata, failure) -> {
                    if (failure == null) {
                        sent.add(value);
                    }
                });
    }

    void stopProducing() throws InterruptedException {
        filling = false;
        filler.join(PATIENCE.toMillis());
        assertThat(filler.isAlive()).isFalse();
    }

    void join(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Path output = dir.resolve("member-" + all.size());
            Process process = new ProcessBuilder(command())
                    .directory((client == Client.KAFKAJS ? ForeignTools.KAFKAJS : dir).toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .redirectError(dir.resolve("errors-" + all.size()).toFile())
                    .start();
            Member member = new Member(process, output);
            members.add(member);
            all.add(member);
        }
    }

    private List<String> command() {
        return switch (client) {
            case KAFKAJS -> List.of("node", "member.js", node.address(), GROUP, TOPIC);
            case KCAT ->
                List.of(
                        "kcat",
                        "-b",
                        node.address(),
                        "-u",
                        "-f",
                        "R %p %o %s 0\n",
                        "-X",
                        "auto.offset.reset=earliest",
                        "-X",
                        "auto.commit.interval.ms=500",
                        "-X",
                        "session.timeout.ms=6000",
                        "-X",
                        "heartbeat.interval.ms=500",
                        "-X",
                        "partition.assignment.strategy=cooperative-sticky",
                        "-G",
                        GROUP,
                        TOPIC);
            case JAVA_CLASSIC -> javaCommand("classic");
            case JAVA_CONSUMER -> javaCommand("consumer");
        };
    }

    private List<String> javaCommand(String protocol) {
        List<String> command = NodeJvm.program(
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), MemberProcess.class.getName());
        command.addAll(List.of(node.address(), GROUP, TOPIC, protocol));
        return command;
    }

    /**
     * The members end as they would on Ctrl-C: they commit and leave. kcat 1.7 drops the record that it has in hand when it is told to end, and
     * commits it all the same; so it must have none in hand.
     */
    void leave(int count) throws InterruptedException {
        if (client == Client.KCAT) {
            paused = true;
            untilAllIsRead();
        }
        end(count);
        paused = false;
    }

    private void end(int count) throws InterruptedException {
        List<Member> leaving = List.copyOf(members.subList(0, count));
        leaving.forEach(member -> member.process.destroy());
        for (Member member : leaving) {
            assertThat(member.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        members.removeAll(leaving);
    }

    /** As {@code kill -9}, all at the same moment. */
    void kill(int count) throws Exception {
        List<Member> dying = List.copyOf(members.subList(0, count));
        dying.forEach(member -> member.process.destroyForcibly());
        for (Member member : dying) {
            assertThat(member.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
        // Nobody else can have committed for them: their sessions last for seconds yet.
        Map<Integer, Long> committed = committed();
        for (Member member : dying) {
            member.killed = true;
            member.committed = committed;
        }
        members.removeAll(dying);
    }

    private Map<Integer, Long> committed() throws Exception {
        Map<TopicPartition, OffsetAndMetadata> stored = admin.listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Map<Integer, Long> committed = new HashMap<>();
        stored.forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
        return committed;
    }

    /**
     * Stable, each partition with one member, nobody without any; and then each member of today reads something. Where the client has a sticky
     * assignor, nothing went from one to another of those who were there before.
     */
    void untilShared(String when) {
        Map<String, Set<TopicPartition>> now = new HashMap<>();
        await(when)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(GROUP))
                            .describedGroups()
                            .get(GROUP)
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                    assertThat(group.groupState()).isEqualTo(GroupState.STABLE);
                    assertThat(group.members()).hasSize(members.size());
                    now.clear();
                    List<TopicPartition> held = new ArrayList<>();
                    for (MemberDescription member : group.members()) {
                        assertThat(member.assignment().topicPartitions()).isNotEmpty();
                        now.put(member.consumerId(), member.assignment().topicPartitions());
                        held.addAll(member.assignment().topicPartitions());
                    }
                    assertThat(held).hasSize(partitions).doesNotHaveDuplicates();
                });
        if (client.isSticky()) {
            assertThat(Stickiness.needlessMoves(shares, now)).as(when).isEmpty();
        }
        shares = now;
        Map<Member, Integer> before = new HashMap<>();
        members.forEach(member -> before.put(member, deliveries(member).size()));
        await(when + ": work goes on")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(members).allSatisfy(member -> assertThat(deliveries(member))
                        .hasSizeGreaterThan(before.getOrDefault(member, 0))));
    }

    void untilAllIsRead() {
        await("all that was acknowledged is read")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Set<String> read = new HashSet<>();
                    all.forEach(member -> deliveries(member).forEach(delivery -> read.add(delivery.value())));
                    assertThat(read).containsAll(sent);
                    assertThat(sent).as("none is under way").containsAll(written);
                });
    }

    /** What came again though it had been committed, in words; must be empty. */
    List<String> readAgainThoughCommitted() {
        List<Delivery> deliveries =
                all.stream().flatMap(member -> deliveries(member).stream()).toList();
        if (client == Client.KCAT) {
            Map<String, Map<Integer, Long>> committedAtDeath = new HashMap<>();
            all.stream()
                    .filter(member -> member.killed)
                    .forEach(member -> committedAtDeath.put(member.name(), member.committed));
            return DeliveryJudge.readTwiceWithoutExcuse(deliveries, committedAtDeath);
        }
        List<Commit> commits = all.stream()
                .flatMap(member -> lines(member, "C", 4).stream())
                .map(words ->
                        new Commit(Integer.parseInt(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])))
                .toList();
        assertThat(commits.stream().map(Commit::partition).distinct())
                .as("partitions of which a commit is known")
                .hasSize(partitions);
        return DeliveryJudge.readAfterCommit(deliveries, commits);
    }

    private static List<Delivery> deliveries(Member member) {
        return lines(member, "R", 5).stream()
                .map(words -> new Delivery(
                        member.name(),
                        Integer.parseInt(words[1]),
                        Long.parseLong(words[2]),
                        words[3],
                        Long.parseLong(words[4])))
                .toList();
    }

    /** Whole lines only: the last one of a process that was killed may be cut off. */
    private static List<String[]> lines(Member member, String kind, int words) {
        try {
            String printed = Files.exists(member.output) ? Files.readString(member.output) : "";
            return printed.substring(0, printed.lastIndexOf('\n') + 1)
                    .lines()
                    .filter(line -> line.startsWith(kind + ' '))
                    .map(line -> line.split(" "))
                    .filter(line -> line.length == words)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        filling = false;
        for (Member member : all) {
            member.process
                    .destroyForcibly()
                    .onExit()
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }
        admin.close();
    }
}
