// SPDX-License-Identifier: Apache-2.0
package io.tailrace.browser;

import io.tailrace.broker.Broker;
import io.tailrace.broker.config.BrokerConfig;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A node that keeps its ports and data over restarts. */
final class Node implements AutoCloseable {

    private static final long PATIENCE_S = 60;

    final int kafkaPort = freePort();
    final int httpPort = freePort();
    private final Map<String, String> settings = new HashMap<>();
    private Broker broker;

    /** @param more settings, pairs of key and value */
    Node(Path dir, String allowedOrigins, String... more) {
        settings.put("log.dirs", dir.toString());
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + kafkaPort);
        settings.put("http.port", Integer.toString(httpPort));
        settings.put("http.allowed.origins", allowedOrigins);
        settings.put("log.dir.min.free.bytes", "0");
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        start();
    }

    /** Free now; the system does not give it out again soon. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void start() {
        broker = await(Broker.start(BrokerConfig.of(settings)));
    }

    void restart() {
        await(broker.stop());
        start();
    }

    String address() {
        return "127.0.0.1:" + kafkaPort;
    }

    String web() {
        return "http://localhost:" + httpPort + "/";
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    void topic(String name, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(java.util.List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", address(), "linger.ms", "1"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        await(broker.stop());
    }
}
