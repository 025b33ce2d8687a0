// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kafka-consumer-groups.sh} and {@code kafka-groups.sh} in all their forms, on a group without members, a live classic group and a live
 * group of the consumer protocol.
 *
 * <p>What is expected, group-tools.txt, was printed by the same commands against Apache Kafka 4.3.1. {@code -Dtailrace.record-from=host:port}
 * writes it anew from an Apache Kafka that has just been set up. Member ids, ports and widths of columns are made alike, and lines sorted. So
 * are group epochs: a new group of the consumer protocol begins in epoch 2 there, in 1 here.
 */
class GroupToolsIT {

    private static final Path EXPECTED = Path.of("src", "test", "resources", "group-tools.txt");
    private static final String RECORD_FROM = System.getProperty("tailrace.record-from", "");
    private static final String TOPIC = "orders";

    @TempDir
    static Path dir;

    private final StringBuilder transcript = new StringBuilder();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> members = new ArrayList<>();

    @Test
    void groupToolsPrintWhatTheyPrintForApacheKafka() throws Exception {
        if (!RECORD_FROM.isEmpty()) {
            play(RECORD_FROM);
            Files.writeString(EXPECTED, transcript);
            return;
        }
        try (BrokerFixture node = BrokerFixture.start(dir.resolve("data"))) {
            play(node.address());
        }
        assertThat(transcript.toString()).isEqualTo(Files.readString(EXPECTED));
    }

    private void play(String address) throws Exception {
        prepare(address);
        try (KafkaTools tools = KafkaTools.start(Path.of("target", "kafka-tools"))) {
            join(address, "classic");
            join(address, "consumer");
            for (String command : commands()) {
                run(tools, address, command);
            }
            stopped.set(true);
            for (Thread member : members) {
                member.join();
            }
            run(tools, address, "kafka-consumer-groups --list --state");
            run(tools, address, "kafka-consumer-groups --delete --all-groups");
            run(tools, address, "kafka-consumer-groups --list");
        } finally {
            stopped.set(true);
        }
    }

    private static List<String> commands() throws Exception {
        Path plan = dir.resolve("plan.csv");
        Files.writeString(plan, "\"orders\",0,1\n\"orders\",1,2\n");
        Path plans = dir.resolve("plans.csv");
        Files.writeString(plans, "\"idle\",\"orders\",0,3\n\"other\",\"orders\",1,1\n");
        List<String> commands = new ArrayList<>();
        for (String form : List.of(
                "--list",
                "--list --state",
                "--list --type",
                "--list --state --type",
                "--list --state Empty",
                "--list --state stable,empty",
                "--list --type consumer",
                "--list --type classic --state Stable")) {
            commands.add("kafka-consumer-groups " + form);
        }
        for (String group :
                List.of("--group idle", "--group live-classic", "--group live-consumer", "--group absent")) {
            for (String form : List.of(
                    "",
                    "--offsets",
                    "--offsets --verbose",
                    "--members",
                    "--members --verbose",
                    "--state",
                    "--state --verbose")) {
                commands.add("kafka-consumer-groups --describe " + group + " " + form);
            }
        }
        commands.add("kafka-consumer-groups --describe --all-groups");
        commands.add("kafka-consumer-groups --describe --all-groups --state");
        commands.add("kafka-consumer-groups --describe --all-groups --members");
        commands.add("kafka-consumer-groups --describe --group idle --group live-classic --state");
        for (String scenario : List.of(
                "--to-earliest",
                "--to-latest",
                "--to-current",
                "--to-offset 3",
                "--to-offset 99",
                "--shift-by -2",
                "--shift-by 1",
                "--shift-by -100",
                "--shift-by 100",
                "--by-duration PT1H",
                "--by-duration PT0S",
                "--to-datetime 2020-01-01T00:00:00.000",
                "--to-datetime 2099-01-01T00:00:00.000",
                "--from-file " + plan)) {
            commands.add("kafka-consumer-groups --reset-offsets --group idle --topic orders --dry-run " + scenario);
            commands.add("kafka-consumer-groups --reset-offsets --group idle --topic orders --execute " + scenario);
            commands.add("kafka-consumer-groups --describe --group idle");
        }
        for (String form : List.of(
                "--group idle --topic orders:0,2 --to-earliest --execute",
                "--group idle --all-topics --to-latest --execute",
                "--group idle --topic orders --to-current --export --dry-run",
                "--group idle --topic orders:1 --to-offset 2 --export --execute",
                "--group idle --group other --topic orders --to-earliest --export --dry-run",
                "--group idle --group other --from-file " + plans + " --execute",
                "--group new --topic orders --to-latest --execute",
                "--group new --topic nothing --to-latest --execute",
                "--group live-classic --topic orders --to-earliest --execute",
                "--group live-consumer --topic orders --to-earliest --execute",
                "--all-groups --topic orders --to-earliest --dry-run",
                "--group idle --topic orders --to-earliest",
                "--group idle --to-earliest --execute")) {
            commands.add("kafka-consumer-groups --reset-offsets " + form);
        }
        commands.add("kafka-consumer-groups --delete-offsets --group idle --topic orders:0");
        commands.add("kafka-consumer-groups --delete-offsets --group idle --topic nothing");
        commands.add("kafka-consumer-groups --delete-offsets --group live-classic --topic orders");
        commands.add("kafka-consumer-groups --delete-offsets --group live-consumer --topic orders");
        commands.add("kafka-consumer-groups --delete-offsets --group absent --topic orders");
        commands.add("kafka-consumer-groups --describe --group idle");
        commands.add("kafka-consumer-groups --delete --group new");
        commands.add("kafka-consumer-groups --delete --group live-classic");
        commands.add("kafka-consumer-groups --delete --group live-consumer --group idle");
        commands.add("kafka-consumer-groups --delete --group absent");
        for (String form : List.of(
                "",
                "--consumer",
                "--group-type classic",
                "--group-type consumer",
                "--protocol consumer",
                "--share",
                "--streams")) {
            commands.add("kafka-groups --list " + form);
        }
        return commands;
    }

    private void run(KafkaTools tools, String address, String command) {
        String[] words = command.trim().split(" ");
        List<String> args = new ArrayList<>(List.of("--bootstrap-server", address));
        args.addAll(Arrays.asList(words).subList(1, words.length));
        KafkaTools.Result result = tools.run(words[0], args.toArray(String[]::new));
        transcript.append("$ ").append(command.trim().replace(dir + "/", "")).append('\n');
        // What follows a complaint about the command line is the manual.
        result.lines().stream()
                .takeWhile(line -> !line.startsWith("Option "))
                .map(line -> alike(line, address))
                .sorted(Comparator.naturalOrder())
                .forEach(line -> transcript.append(line).append('\n'));
        transcript.append("exit ").append(result.code()).append("\n\n");
    }

    private static String alike(String line, String address) {
        return line.replace(address, "HOST")
                .replace(dir + "/", "")
                .replaceAll("(c-[a-z]+)-[0-9a-f-]{36}", "$1-ID")
                .replaceAll("(?<![\\w-])[A-Za-z0-9_-]{22}(?![\\w-])", "ID")
                .replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?=[^0-9:.])", "TIME")
                .replaceAll("\\s+", " ")
                .replaceAll("(c-consumer 3) \\d+ (\\S+) \\d+ ", "$1 EPOCH $2 EPOCH ")
                .replaceAll("(uniform Stable) \\d+ \\d+ ", "$1 EPOCH EPOCH ")
                .trim();
    }

    /** Three partitions with five records each, and the groups {@code idle}, {@code other} and {@code simple}, which only hold offsets. */
    private static void prepare(String address) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", address);
        try (Admin admin = Admin.create(config);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1))).all().get(60, TimeUnit.SECONDS);
            for (int number = 0; number < 15; number++) {
                producer.send(new ProducerRecord<>(TOPIC, number % 3, null, ("v" + number).getBytes(UTF_8)))
                        .get(60, TimeUnit.SECONDS);
            }
            commit(admin, "idle", 2);
            commit(admin, "other", 4);
        }
    }

    private static void commit(Admin admin, String groupId, long offset) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int partition = 0; partition < 3; partition++) {
            offsets.put(new TopicPartition(TOPIC, partition), new OffsetAndMetadata(offset));
        }
        admin.alterConsumerGroupOffsets(groupId, offsets).all().get(60, TimeUnit.SECONDS);
    }

    /** A member that has read and committed all there is, and lives until the end. */
    private void join(String address, String protocol) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", address);
        config.put("group.id", "live-" + protocol);
        config.put("client.id", "c-" + protocol);
        config.put("group.protocol", protocol);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(TOPIC));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (int read = 0; read < 15; ) {
            assertThat(System.nanoTime()).as("%s has read %d", protocol, read).isLessThan(deadline);
            read += consumer.poll(Duration.ofMillis(200)).count();
        }
        consumer.commitSync();
        Thread member = new Thread(
                () -> {
                    try (consumer) {
                        while (!stopped.get()) {
                            consumer.poll(Duration.ofMillis(200));
                        }
                    }
                },
                "member-" + protocol);
        member.start();
        members.add(member);
    }
}
