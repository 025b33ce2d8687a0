// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.tools;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The tools of Apache Kafka 4.3.1, called by the names of their scripts, in one process beside the test's. Their jars lie in
 * {@code target/kafka-tools} and never meet the test's class path, which has other versions of some of them.
 */
public final class KafkaTools implements AutoCloseable {

    private static final Map<String, String> MAINS = Map.ofEntries(
            Map.entry("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
            Map.entry("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
            Map.entry("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
            Map.entry("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
            Map.entry("kafka-configs", "kafka.admin.ConfigCommand"),
            Map.entry("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
            Map.entry("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
            Map.entry("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
            Map.entry("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
            Map.entry("kafka-cluster", "org.apache.kafka.tools.ClusterTool"),
            Map.entry("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
            Map.entry("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
            Map.entry("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
            Map.entry("kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand"),
            Map.entry("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
            Map.entry("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
            Map.entry("kafka-transactions", "org.apache.kafka.tools.TransactionsCommand"),
            Map.entry("kafka-e2e-latency", "org.apache.kafka.tools.EndToEndLatency"),
            Map.entry("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
            Map.entry("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"));

    private final Process process;
    private final DataOutputStream commands;
    private final DataInputStream results;

    private KafkaTools(Process process) {
        this.process = process;
        this.commands = new DataOutputStream(process.getOutputStream());
        this.results = new DataInputStream(process.getInputStream());
    }

    /** Starts the process; {@code jars} is the folder of the tools. */
    public static KafkaTools start(Path jars) throws IOException {
        Path classes;
        try {
            classes = Path.of(ToolHost.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory",
                "-cp",
                jars.resolve("*") + File.pathSeparator + classes,
                ToolHost.class.getName());
        Path log = jars.resolveSibling("kafka-tools.log");
        return new KafkaTools(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    }

    /** What a tool did. */
    public record Result(int code, String printed) {

        /** Everything printed, without what differs from run to run. */
        public List<String> lines() {
            return printed.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    public Result run(String tool, String... args) {
        return runWithInput("", tool, args);
    }

    /** Runs a tool to its end. */
    public synchronized Result runWithInput(String input, String tool, String... args) {
        try {
            commands.writeUTF(MAINS.get(tool));
            commands.writeInt(args.length);
            for (String arg : args) {
                commands.writeUTF(arg);
            }
            byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
            commands.writeInt(bytes.length);
            commands.write(bytes);
            commands.flush();
            int code = results.readInt();
            byte[] printed = results.readNBytes(results.readInt());
            return new Result(code, new String(printed, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the tools' process is gone", e);
        }
    }

    @Override
    public void close() throws IOException {
        commands.close();
        process.destroy();
    }
}
