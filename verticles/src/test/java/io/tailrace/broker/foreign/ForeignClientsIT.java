// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.BrokerFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, which is librdkafka, and kafkajs, unchanged, against a node. They have to be installed; kafkajs itself comes from npm into {@code target}. */
@Tag("foreign-clients")
@Timeout(300)
final class ForeignClientsIT {

    private static final long PATIENCE_S = 120;

    @TempDir
    static Path dir;

    private static BrokerFixture node;

    @BeforeAll
    static void start() throws Exception {
        ForeignTools.require(dir);
        ForeignTools.installKafkajs(dir, "kafkajs.js", "websocket-factory.js");
        node = BrokerFixture.start(dir.resolve("data"), "num.partitions", "1");
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kafkajsReadsWhatItWroteAloneAndInAGroup(String compression) throws Exception {
        assertThat(ForeignTools.run(dir, ForeignTools.KAFKAJS, "node", "kafkajs.js", node.address(), compression))
                .endsWith("ok 105\n");
    }

    @Test
    void kafkajsDoesTheSameOverWebSocket() throws Exception {
        assertThat(ForeignTools.run(
                        dir,
                        ForeignTools.KAFKAJS,
                        "node",
                        "kafkajs.js",
                        "localhost:" + node.httpPort(),
                        "none",
                        "websocket"))
                .endsWith("ok 105\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kcatReadsWhatItWrote(String compression) throws Exception {
        String topic = "kcat-" + compression;
        Path input = dir.resolve(topic);
        Files.writeString(
                input,
                IntStream.range(0, 1_000).mapToObj(i -> "k" + i + "=v" + i).collect(Collectors.joining("\n")));
        kcat(
                "-P",
                "-t",
                topic,
                "-z",
                compression,
                "-K=",
                "-H",
                "one=first",
                "-H",
                "two=second",
                "-l",
                input.toString());

        String records = kcat("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %k=%s %h\n");

        assertThat(records)
                .isEqualTo(IntStream.range(0, 1_000)
                        .mapToObj(i -> "0 " + i + " k" + i + "=v" + i + " one=first,two=second\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void kcatTellsNullFromEmpty() throws Exception {
        Path input = dir.resolve("nulls");
        Files.writeString(input, "=no key\nno value=\nboth=here\n");
        kcat("-P", "-t", "nulls", "-Z", "-K=", "-l", input.toString());

        // %K and %S are lengths, -1 for null.
        assertThat(kcat("-C", "-t", "nulls", "-o", "beginning", "-e", "-q", "-f", "%K %S\n"))
                .isEqualTo("-1 6\n8 -1\n4 4\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void kcatCarriesRecordsOfAMegabyte(String compression) throws Exception {
        byte[] large = new byte[990_000];
        new Random(1).nextBytes(large);
        Path input = Files.write(dir.resolve("large-" + compression), large);
        String topic = "kcat-large-" + compression;
        kcat("-P", "-t", topic, "-z", compression, "-X", "message.max.bytes=1048588", input.toString());

        Path output = dir.resolve("large-out-" + compression);
        Process reader = new ProcessBuilder(
                        command("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-D", "", "-c", "1"))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(reader.waitFor(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllBytes(output)).isEqualTo(large);
    }

    @Test
    void kcatReadsAsAMemberOfAGroupAndGoesOnWhereItWas() throws Exception {
        Path input = dir.resolve("group");
        Files.writeString(input, "a\nb\n");
        kcat("-P", "-t", "grouped", "-l", input.toString());
        assertThat(group("-c", "2")).isEqualTo("a\nb\n");

        Files.writeString(input, "c\n");
        kcat("-P", "-t", "grouped", "-l", input.toString());

        assertThat(group("-c", "1")).isEqualTo("c\n");
    }

    @Test
    void kcatFindsOffsetsByTime() throws Exception {
        Path input = dir.resolve("timed");
        Files.writeString(input, "a\nb\nc\n");
        kcat("-P", "-t", "timed", "-l", input.toString());

        assertThat(kcat("-Q", "-t", "timed:0:-2")).contains("timed [0] offset 0");
        assertThat(kcat("-Q", "-t", "timed:0:-1")).contains("timed [0] offset 3");
        assertThat(kcat("-Q", "-t", "timed:0:1000")).contains("timed [0] offset 0");
        assertThat(kcat("-L", "-t", "timed")).contains("topic \"timed\" with 1 partitions");
    }

    private static String group(String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("-G", "kcats", "-q", "-X", "auto.offset.reset=earliest"));
        words.addAll(List.of(more));
        words.add("grouped");
        return kcat(words.toArray(String[]::new));
    }

    private static String kcat(String... words) throws Exception {
        return ForeignTools.run(dir, dir, command(words).toArray(String[]::new));
    }

    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", node.address()));
        command.addAll(List.of(words));
        return command;
    }
}
