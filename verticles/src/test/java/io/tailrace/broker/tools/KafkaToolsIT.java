// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.tools.KafkaTools.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Apache Kafka's command-line tools do to a node what they do to Apache Kafka, and print what they print there: what is expected here was
 * printed by these tools against Apache Kafka 4.3.1, up to ids and times.
 */
class KafkaToolsIT {

    private static final Path TOOLS = Path.of("target", "kafka-tools");

    @TempDir
    static Path dir;

    private static Broker broker;
    private static KafkaTools tools;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        Path data = dir.resolve("data");
        broker = Broker.start(BrokerConfig.of(Map.of(
                        "log.dirs",
                        data.toString(),
                        "listeners",
                        "PLAINTEXT://127.0.0.1:0",
                        "http.port",
                        "0",
                        "log.dir.min.free.bytes",
                        "0")))
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        address = "127.0.0.1:" + broker.ports().get("PLAINTEXT");
        tools = KafkaTools.start(TOOLS);
    }

    @AfterAll
    static void stop() throws Exception {
        tools.close();
        broker.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void topicsAreCreatedListedDescribedAlteredAndDeleted() {
        assertThat(ok("kafka-topics", "--create", "--topic", "t", "--partitions", "3", "--config", "retention.ms=5000"))
                .containsExactly("Created topic t.");
        assertThat(ok("kafka-topics", "--list")).contains("t");
        List<String> described = ok("kafka-topics", "--describe", "--topic", "t");
        assertThat(described.get(0))
                .matches(
                        "Topic: t\tTopicId: \\S{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: retention.ms=5000");
        assertThat(described.subList(1, described.size()))
                .containsExactlyElementsOf(IntStream.range(0, 3)
                        .mapToObj(partition -> "\tTopic: t\tPartition: " + partition
                                + "\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ")
                        .toList());
        assertThat(ok("kafka-topics", "--alter", "--topic", "t", "--partitions", "4"))
                .isEmpty();
        assertThat(ok("kafka-topics", "--describe", "--topic", "t")).hasSize(5);
        assertThat(ok("kafka-topics", "--describe", "--under-replicated-partitions"))
                .isEmpty();
        assertThat(ok("kafka-topics", "--describe", "--unavailable-partitions")).isEmpty();
        assertThat(ok("kafka-topics", "--delete", "--topic", "t")).isEmpty();
        assertThat(ok("kafka-topics", "--list")).doesNotContain("t");
    }

    @Test
    void topicsAreRefusedAsKafkaRefusesThem() {
        ok("kafka-topics", "--create", "--topic", "there");
        String error = "Error while executing topic command : ";
        assertThat(failed("kafka-topics", "--create", "--topic", "there"))
                .contains(error + "Topic 'there' already exists.");
        assertThat(ok("kafka-topics", "--create", "--topic", "there", "--if-not-exists"))
                .isEmpty();
        assertThat(failed("kafka-topics", "--create", "--topic", "a b"))
                .contains(
                        error
                                + "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'");
        assertThat(failed("kafka-topics", "--create", "--topic", "x", "--config", "foo=1"))
                .contains(error + "Unknown topic config name: foo");
        assertThat(failed("kafka-topics", "--create", "--topic", "x", "--replication-factor", "3"))
                .anyMatch(line -> line.startsWith(error));
        assertThat(failed("kafka-topics", "--alter", "--topic", "there", "--partitions", "1"))
                .anyMatch(line -> line.startsWith(error));
        assertThat(failed("kafka-topics", "--describe", "--topic", "absent"))
                .contains(error + "Topic 'absent' does not exist as expected");
        assertThat(failed("kafka-topics", "--delete", "--topic", "absent"))
                .contains(error + "Topic 'absent' does not exist as expected");
    }

    @Test
    void whatTheConsoleProducesTheConsoleConsumes() {
        ok("kafka-topics", "--create", "--topic", "keyed");
        produce("keyed", "a\tone\nb\ttwo\nc\tthree\n");
        assertThat(ok(
                        "kafka-console-consumer",
                        "--topic",
                        "keyed",
                        "--partition",
                        "0",
                        "--offset",
                        "earliest",
                        "--max-messages",
                        "3",
                        "--timeout-ms",
                        "30000",
                        "--formatter-property",
                        "print.key=true",
                        "--formatter-property",
                        "print.offset=true"))
                .containsExactly(
                        "Offset:0\ta\tone",
                        "Offset:1\tb\ttwo",
                        "Offset:2\tc\tthree",
                        "Processed a total of 3 messages");
    }

    @Test
    void theConsoleProducerCreatesItsTopic() {
        Result produced = tools.runWithInput("one\n", "kafka-console-producer", on("--topic", "auto"));
        assertThat(produced.code()).as(produced.printed()).isZero();
        assertThat(ok("kafka-get-offsets", "--topic", "auto")).containsExactly("auto:0:1");
    }

    @Test
    void offsetsAreFoundByEveryName() {
        ok("kafka-topics", "--create", "--topic", "offsets");
        produce("offsets", "a\tone\na\ttwo\n");
        assertThat(ok("kafka-get-offsets", "--topic", "offsets")).containsExactly("offsets:0:2");
        assertThat(offsets("earliest")).containsExactly("offsets:0:0");
        assertThat(offsets("latest")).containsExactly("offsets:0:2");
        assertThat(offsets("max-timestamp")).singleElement().asString().matches("offsets:0:[01]");
        assertThat(offsets("earliest-local")).containsExactly("offsets:0:0");
        assertThat(offsets("0")).containsExactly("offsets:0:0");
        assertThat(offsets("99999999999999")).isEmpty();
        assertThat(offsets("latest-tiered")).isEmpty();
        assertThat(offsets("earliest-pending-upload")).isEmpty();
    }

    @Test
    void topicConfigsAreSetShownAndDeleted() {
        ok("kafka-topics", "--create", "--topic", "conf");
        List<String> updated = List.of("Completed updating config for topic conf.");
        assertThat(topicConfig("--alter", "--add-config", "retention.ms=5000000,max.message.bytes=2000000"))
                .isEqualTo(updated);
        assertThat(topicConfig("--describe"))
                .containsExactly(
                        "Dynamic configs for topic conf are:",
                        "  max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000000, DEFAULT_CONFIG:message.max.bytes=1048588}",
                        "  retention.ms=5000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5000000}");
        assertThat(topicConfig("--alter", "--delete-config", "retention.ms,max.message.bytes"))
                .isEqualTo(updated);
        assertThat(topicConfig("--describe")).containsExactly("Dynamic configs for topic conf are:");
        assertThat(topicConfig("--describe", "--all"))
                .contains(
                        "All configs for topic conf are:",
                        "  cleanup.policy=delete sensitive=false synonyms={DEFAULT_CONFIG:log.cleanup.policy=delete}",
                        "  segment.bytes=1073741824 sensitive=false synonyms={DEFAULT_CONFIG:log.segment.bytes=1073741824}");
        String[] topic = {"--alter", "--entity-type", "topics", "--entity-name", "conf", "--add-config"};
        assertThat(failed("kafka-configs", with(topic, "foo=1")))
                .anyMatch(line -> line.endsWith("InvalidConfigurationException: Unknown topic config name: foo"));
        assertThat(failed("kafka-configs", with(topic, "retention.ms=abc")))
                .anyMatch(
                        line -> line.endsWith(
                                "InvalidConfigurationException: Invalid value abc for configuration retention.ms: Not a number of type LONG"));
    }

    @Test
    void nodeConfigsAreSetShownAndDeleted() {
        String[] one = {"--entity-type", "brokers", "--entity-name", "1"};
        String[] all = {"--entity-type", "brokers", "--entity-default"};
        String[] add = {"--alter", "--add-config", "log.retention.ms=80000000"};
        String[] delete = {"--alter", "--delete-config", "log.retention.ms"};
        assertThat(ok("kafka-configs", with(all, add)))
                .containsExactly("Completed updating default config for brokers in the cluster.");
        assertThat(ok("kafka-configs", with(one, add))).containsExactly("Completed updating config for broker 1.");
        assertThat(ok("kafka-configs", with(all, "--describe")))
                .containsExactly(
                        "Default configs for brokers in the cluster are:",
                        "  log.retention.ms=80000000 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=80000000}");
        assertThat(ok("kafka-configs", with(one, "--describe"))).hasSize(2);
        ok("kafka-configs", with(one, delete));
        ok("kafka-configs", with(all, delete));
        assertThat(ok("kafka-configs", with(one, "--describe"))).containsExactly("Dynamic configs for broker 1 are:");
        assertThat(ok("kafka-configs", with(one, "--describe", "--all")))
                .contains("All configs for broker 1 are:")
                .anyMatch(line -> line.startsWith("  log.retention.hours=168 "));
        assertThat(ok("kafka-configs", "--describe", "--entity-type", "broker-loggers", "--entity-name", "1"))
                .anyMatch(line -> line.startsWith("  root="));
    }

    @Test
    void recordsAreDeletedFromTheFront() throws Exception {
        ok("kafka-topics", "--create", "--topic", "front");
        produce("front", "a\tone\nb\ttwo\nc\tthree\n");
        Path file = Files.writeString(
                dir.resolve("front.json"),
                "{'version':1,'partitions':[{'topic':'front','partition':0,'offset':2}]}".replace('\'', '"'));
        assertThat(ok("kafka-delete-records", "--offset-json-file", file.toString()))
                .containsExactly(
                        "Executing records delete operation",
                        "Records delete operation completed:",
                        "partition: front-0\tlow_watermark: 2");
        assertThat(ok("kafka-get-offsets", "--topic", "front", "--time", "earliest"))
                .containsExactly("front:0:2");
    }

    @Test
    void logDirsTellWhatPartitionsTake() {
        ok("kafka-topics", "--create", "--topic", "sized");
        produce("sized", "a\tone\n");
        List<String> told = ok("kafka-log-dirs", "--describe", "--topic-list", "sized");
        assertThat(told).hasSize(3);
        assertThat(told.get(1)).isEqualTo("Received log directory information from brokers 1");
        assertThat(told.get(2))
                .matches(".*\"partition\":\"sized-0\",\"size\":[1-9][0-9]*,\"offsetLag\":0,\"isFuture\":false.*");
    }

    @Test
    void producerPerfSendsAllItsRecords() {
        ok("kafka-topics", "--create", "--topic", "perf", "--partitions", "2");
        assertThat(ok(
                        "kafka-producer-perf-test",
                        "--topic",
                        "perf",
                        "--num-records",
                        "5000",
                        "--record-size",
                        "100",
                        "--throughput",
                        "-1"))
                .anyMatch(line -> line.startsWith("5000 records sent, "));
        assertThat(ok("kafka-get-offsets", "--topic", "perf"))
                .extracting(line -> Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)))
                .satisfies(counts ->
                        assertThat(counts.stream().mapToInt(n -> n).sum()).isEqualTo(5000));
    }

    @Test
    void groupsReadCommitAndAreSeen() {
        ok("kafka-topics", "--create", "--topic", "grouped");
        produce("grouped", "a\tone\nb\ttwo\nc\tthree\n");
        assertThat(ok(
                        "kafka-console-consumer",
                        "--topic",
                        "grouped",
                        "--from-beginning",
                        "--group",
                        "readers",
                        "--max-messages",
                        "3",
                        "--timeout-ms",
                        "30000"))
                .containsSubsequence("one", "two", "three", "Processed a total of 3 messages");
        assertThat(ok("kafka-consumer-groups", "--list")).contains("readers");
        assertThat(described()).containsExactly("readers", "grouped", "0", "3", "3", "0");
        assertThat(ok(
                        "kafka-consumer-groups",
                        "--group",
                        "readers",
                        "--topic",
                        "grouped",
                        "--reset-offsets",
                        "--to-earliest",
                        "--execute"))
                .anyMatch(line -> line.matches("readers +grouped +0 +0 *"));
        assertThat(described()).containsExactly("readers", "grouped", "0", "0", "3", "3");
        assertThat(ok("kafka-consumer-groups", "--delete", "--group", "readers"))
                .containsExactly("Deletion of requested consumer groups ('readers') was successful.");
        assertThat(ok("kafka-consumer-groups", "--list")).doesNotContain("readers");
    }

    @Test
    void consumerPerfReadsAllThatProducerPerfSent() {
        ok("kafka-topics", "--create", "--topic", "perf-read");
        ok(
                "kafka-producer-perf-test",
                "--topic",
                "perf-read",
                "--num-records",
                "3000",
                "--record-size",
                "100",
                "--throughput",
                "-1");
        List<String> told =
                ok("kafka-consumer-perf-test", "--topic", "perf-read", "--num-records", "3000", "--timeout", "30000");
        assertThat(told.get(told.size() - 1).split(", ")[4]).isEqualTo("3000");
    }

    /** Group, topic, partition, committed offset, end offset and lag of the only partition. */
    private static List<String> described() {
        List<String> lines = ok("kafka-consumer-groups", "--describe", "--group", "readers");
        return List.of(lines.get(lines.size() - 1).split(" +")).subList(0, 6);
    }

    @Test
    void theClusterDescribesItself() {
        assertThat(tools.run("kafka-cluster", "cluster-id", "--bootstrap-server", address)
                        .lines())
                .singleElement()
                .asString()
                .matches("Cluster ID: \\S{22}");
        assertThat(tools.run("kafka-cluster", "list-endpoints", "--bootstrap-server", address)
                        .lines())
                .hasSize(2)
                .anyMatch(line -> line.matches(
                        "1 +127.0.0.1 +" + broker.ports().get("PLAINTEXT") + " +null +unfenced +broker +"));
        assertThat(ok("kafka-features", "describe"))
                .anyMatch(line -> line.matches("Feature: metadata.version.*FinalizedVersionLevel: 4.3-IV0.*"));
        assertThat(ok("kafka-metadata-quorum", "describe", "--status"))
                .contains("LeaderId:               1", "MaxFollowerLag:         0", "CurrentObservers:       []")
                .anyMatch(line -> line.matches("CurrentVoters: {10}\\[\\{\"id\": 1, \"directoryId\": \"\\S{22}\", "
                        + "\"endpoints\": \\[\"PLAINTEXT://" + address + "\"]}]"));
        assertThat(ok("kafka-metadata-quorum", "describe", "--replication"))
                .hasSize(2)
                .anyMatch(line -> line.matches("1 .*Leader\\s*"));
        assertThat(ok("kafka-broker-api-versions")).anyMatch(line -> line.contains("Produce(0): 0 to 13 [usable: 13]"));
    }

    @Test
    void partitionsAreReassignedAndLeadersElected() throws Exception {
        ok("kafka-topics", "--create", "--topic", "moved");
        Path plan = Files.writeString(
                dir.resolve("plan.json"),
                "{'version':1,'partitions':[{'topic':'moved','partition':0,'replicas':[1]}]}".replace('\'', '"'));
        assertThat(ok("kafka-reassign-partitions", "--list")).containsExactly("No partition reassignments found.");
        assertThat(ok("kafka-reassign-partitions", "--execute", "--reassignment-json-file", plan.toString()))
                .contains("Successfully started partition reassignment for moved-0");
        assertThat(ok("kafka-reassign-partitions", "--verify", "--reassignment-json-file", plan.toString()))
                .contains("Reassignment of partition moved-0 is completed.");
        for (String election : List.of("preferred", "unclean")) {
            assertThat(ok("kafka-leader-election", "--election-type", election, "--topic", "moved", "--partition", "0"))
                    .containsExactly("Valid replica already elected for partitions moved-0");
        }
        assertThat(ok("kafka-leader-election", "--election-type", "preferred", "--all-topic-partitions"))
                .isEmpty();
    }

    private static void produce(String topic, String keysAndValues) {
        Result result = tools.runWithInput(
                keysAndValues, "kafka-console-producer", on("--topic", topic, "--reader-property", "parse.key=true"));
        assertThat(result.code()).as(result.printed()).isZero();
        assertThat(result.lines()).isEmpty();
    }

    private static List<String> offsets(String time) {
        return ok("kafka-get-offsets", "--topic", "offsets", "--time", time);
    }

    private static List<String> topicConfig(String... args) {
        return ok("kafka-configs", with(new String[] {"--entity-type", "topics", "--entity-name", "conf"}, args));
    }

    /** What the tool prints when it succeeds, which it must. */
    private static List<String> ok(String tool, String... args) {
        Result result = tools.run(tool, on(args));
        assertThat(result.code()).as(result.printed()).isZero();
        return result.lines();
    }

    private static List<String> failed(String tool, String... args) {
        Result result = tools.run(tool, on(args));
        assertThat(result.code()).as(result.printed()).isEqualTo(1);
        return result.lines();
    }

    private static String[] on(String... args) {
        return with(new String[] {"--bootstrap-server", address}, args);
    }

    private static String[] with(String[] first, String... then) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(then));
        return all.toArray(String[]::new);
    }
}
