// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.tools.KafkaTools.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @TempDir
    static Path dir;

    private static NodeWithTools node;
    private static KafkaTools tools;

    @BeforeAll
    static void start() throws Exception {
        node = NodeWithTools.start(dir.resolve("data"));
        tools = node.tools;
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
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
    void theConsoleConsumerReadsFromTheBeginning() {
        ok("kafka-topics", "--create", "--topic", "begun", "--partitions", "1");
        Result produced = tools.runWithInput(
                "h1:x,h2:y\ta\tone\nh1:z\tNULL\tNULL\n",
                "kafka-console-producer",
                node.on(
                        "--topic",
                        "begun",
                        "--reader-property",
                        "parse.key=true",
                        "--reader-property",
                        "parse.headers=true",
                        "--reader-property",
                        "null.marker=NULL"));
        assertThat(produced.code()).as(produced.printed()).isZero();
        String[] consumer = {
            "--topic",
            "begun",
            "--from-beginning",
            "--max-messages",
            "2",
            "--timeout-ms",
            "30000",
            "--formatter-property",
            "print.key=true",
            "--formatter-property",
            "print.headers=true",
            "--formatter-property",
            "print.partition=true"
        };
        assertThat(ok("kafka-console-consumer", consumer))
                .containsSubsequence(
                        "Partition:0\th1:x,h2:y\ta\tone",
                        "Partition:0\th1:z\tnull\tnull",
                        "Processed a total of 2 messages");
    }

    @Test
    void theConsoleProducerCreatesItsTopic() {
        Result produced = tools.runWithInput("one\n", "kafka-console-producer", node.on("--topic", "auto"));
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

    @Test
    void everyRecordOfTheLatencyTestComesBack() {
        ok("kafka-topics", "--create", "--topic", "there-and-back", "--partitions", "1");
        assertThat(ok(
                        "kafka-e2e-latency",
                        "--topic",
                        "there-and-back",
                        "--num-records",
                        "100",
                        "--producer-acks",
                        "all",
                        "--record-size",
                        "100"))
                .anyMatch(line -> line.startsWith("Percentiles: 50th = "));
        assertThat(ok("kafka-get-offsets", "--topic", "there-and-back")).containsExactly("there-and-back:0:100");
    }

    /** Transactions themselves are not there yet, and it says so. */
    @Test
    void producersOfAPartitionAreShownAndNoTransactionHangs() {
        ok("kafka-topics", "--create", "--topic", "written", "--partitions", "1");
        produce("written", "a\tone\nb\ttwo\n");
        List<String> producers = transactions("describe-producers", "--topic", "written", "--partition", "0");
        assertThat(producers).hasSize(2);
        assertThat(producers.get(1)).matches("[0-9]+ +\t0 +\t-1 +\t1 +\t[0-9]+\tNone *\t");
        assertThat(transactions("find-hanging", "--broker-id", "1"))
                .singleElement()
                .asString()
                .startsWith("Topic\t");
        Result list = tools.run("kafka-transactions", "--bootstrap-server", node.address(), "list");
        assertThat(list.code()).isEqualTo(1);
        assertThat(list.printed()).contains("The node does not support LIST_TRANSACTIONS");
    }

    private static List<String> transactions(String... args) {
        Result result = tools.run(
                "kafka-transactions", NodeWithTools.with(new String[] {"--bootstrap-server", node.address()}, args));
        assertThat(result.code()).as(result.printed()).isZero();
        return result.lines();
    }

    @Test
    void aSegmentIsKafkasOwn() {
        ok("kafka-topics", "--create", "--topic", "dumped", "--partitions", "1");
        produce("dumped", "a\tone\nb\ttwo\n");
        Path segment = dir.resolve("data").resolve("dumped-0").resolve("00000000000000000000.log");
        Result dumped =
                tools.run("kafka-dump-log", "--files", segment.toString(), "--print-data-log", "--deep-iteration");
        assertThat(dumped.code()).as(dumped.printed()).isZero();
        assertThat(dumped.lines())
                .anyMatch(line -> line.startsWith("baseOffset: 0 lastOffset: ") && line.endsWith(" isvalid: true"))
                .anyMatch(line -> line.startsWith("| offset: 0 ") && line.endsWith(" key: a payload: one"))
                .anyMatch(line -> line.startsWith("| offset: 1 ") && line.endsWith(" key: b payload: two"));
    }

    /** Group, topic, partition, committed offset, end offset and lag of the only partition. */
    private static List<String> described() {
        List<String> lines = ok("kafka-consumer-groups", "--describe", "--group", "readers");
        return List.of(lines.get(lines.size() - 1).split(" +")).subList(0, 6);
    }

    @Test
    void theClusterDescribesItself() {
        assertThat(tools.run("kafka-cluster", "cluster-id", "--bootstrap-server", node.address())
                        .lines())
                .singleElement()
                .asString()
                .matches("Cluster ID: \\S{22}");
        assertThat(tools.run("kafka-cluster", "list-endpoints", "--bootstrap-server", node.address())
                        .lines())
                .hasSize(2)
                .anyMatch(line -> line.matches("1 +127.0.0.1 +" + node.port() + " +null +unfenced +broker +"));
        Result unregistered =
                tools.run("kafka-cluster", "unregister", "--id", "77", "--bootstrap-server", node.address());
        assertThat(unregistered.code()).isEqualTo(1);
        assertThat(unregistered.printed()).contains("Broker ID 77 is not currently registered");
        assertThat(ok("kafka-features", "describe"))
                .anyMatch(line -> line.matches("Feature: metadata.version.*FinalizedVersionLevel: 4.3-IV0.*"));
        assertThat(ok("kafka-metadata-quorum", "describe", "--status"))
                .contains("LeaderId:               1", "MaxFollowerLag:         0", "CurrentObservers:       []")
                .anyMatch(line -> line.matches("CurrentVoters: {10}\\[\\{\"id\": 1, \"directoryId\": \"\\S{22}\", "
                        + "\"endpoints\": \\[\"PLAINTEXT://" + node.address() + "\"]}]"));
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
                keysAndValues,
                "kafka-console-producer",
                node.on("--topic", topic, "--reader-property", "parse.key=true"));
        assertThat(result.code()).as(result.printed()).isZero();
        assertThat(result.lines()).isEmpty();
    }

    private static List<String> offsets(String time) {
        return ok("kafka-get-offsets", "--topic", "offsets", "--time", time);
    }

    private static List<String> ok(String tool, String... args) {
        return node.ok(tool, args);
    }

    private static List<String> failed(String tool, String... args) {
        return node.failed(tool, args);
    }
}
