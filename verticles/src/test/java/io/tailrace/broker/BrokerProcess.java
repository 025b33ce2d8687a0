// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, which can be killed. */
final class BrokerProcess {

    private final Process process;

    private BrokerProcess(Process process) {
        this.process = process;
    }

    /** Starts a node on {@code dir} and {@code port}; it is up when its port answers. {@code settings} are pairs of key and value. */
    static BrokerProcess start(Path dir, int port, String... settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerProcess.class.getName(),
                dir.toString(),
                String.valueOf(port)));
        command.addAll(List.of(settings));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true)
                .redirectOutput(dir.resolveSibling("node.log").toFile());
        return new BrokerProcess(builder.start());
    }

    /** As {@code kill -9}: no shutdown hook runs, nothing is flushed. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the process outlived its kill");
        }
    }

    /** The child. */
    public static void main(String[] args) throws Exception {
        Map<String, String> config = new HashMap<>(Map.of(
                "log.dirs",
                args[0],
                "listeners",
                "PLAINTEXT://127.0.0.1:" + args[1],
                "num.partitions",
                "3",
                "http.port",
                "0",
                "log.dir.min.free.bytes",
                "0"));
        for (int i = 2; i < args.length; i += 2) {
            config.put(args[i], args[i + 1]);
        }
        Broker.start(BrokerConfig.of(config))
                .toCompletionStage()
                .toCompletableFuture()
                .get(120, TimeUnit.SECONDS);
        Thread.currentThread().join();
    }
}
