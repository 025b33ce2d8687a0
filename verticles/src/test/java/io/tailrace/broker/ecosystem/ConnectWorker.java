// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.ecosystem;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** A worker of Kafka Connect in distributed mode, as {@code connect-distributed.sh} starts one, and its REST interface. */
final class ConnectWorker implements AutoCloseable {

    /** The group of the workers. */
    static final String GROUP = "connect-cluster";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final EcosystemProcess process;
    private final String address;

    private ConnectWorker(EcosystemProcess process, String address) {
        this.process = process;
        this.address = address;
    }

    static ConnectWorker start(Path dir, String bootstrap) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        // Of the timeouts, those that would make the test wait: five minutes until the tasks of a dead worker go to
        // another, by default.
        Map<String, String> config = Map.ofEntries(
                Map.entry("bootstrap.servers", bootstrap),
                Map.entry("group.id", GROUP),
                Map.entry("listeners", "http://127.0.0.1:" + port),
                Map.entry("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
                Map.entry("value.converter", "org.apache.kafka.connect.storage.StringConverter"),
                Map.entry("config.storage.topic", "connect-configs"),
                Map.entry("offset.storage.topic", "connect-offsets"),
                Map.entry("status.storage.topic", "connect-status"),
                Map.entry("config.storage.replication.factor", "1"),
                Map.entry("offset.storage.replication.factor", "1"),
                Map.entry("status.storage.replication.factor", "1"),
                Map.entry("plugin.discovery", "service_load"),
                Map.entry("offset.flush.interval.ms", "500"),
                Map.entry("session.timeout.ms", "6000"),
                Map.entry("heartbeat.interval.ms", "1000"),
                Map.entry("scheduled.rebalance.max.delay.ms", "1000"),
                Map.entry("consumer.session.timeout.ms", "6000"),
                Map.entry("consumer.heartbeat.interval.ms", "1000"),
                Map.entry("consumer.auto.offset.reset", "earliest"));
        Path properties = Files.createDirectories(dir).resolve("worker.properties");
        Files.writeString(
                properties,
                config.entrySet().stream()
                        .map(entry -> entry.getKey() + '=' + entry.getValue() + '\n')
                        .collect(Collectors.joining()));
        return new ConnectWorker(
                EcosystemProcess.start(dir, "org.apache.kafka.connect.cli.ConnectDistributed", properties.toString()),
                "127.0.0.1:" + port);
    }

    /** Host and port of the REST interface, which is the name of the worker, too. */
    String address() {
        return address;
    }

    String output() {
        return process.output();
    }

    /** Makes a connector or changes it; fails while the workers rebalance. */
    void put(String connector, Map<String, String> config) throws IOException, InterruptedException {
        JsonObject body = new JsonObject();
        config.forEach(body::put);
        ask(HttpRequest.newBuilder(uri("/connectors/" + connector + "/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body.encode())));
    }

    /** By task, which worker runs it; of those that run. */
    Map<String, String> runningTasks() throws IOException, InterruptedException {
        JsonObject all = new JsonObject(ask(HttpRequest.newBuilder(uri("/connectors?expand=status"))));
        return all.fieldNames().stream()
                .flatMap(name -> {
                    JsonArray tasks =
                            all.getJsonObject(name).getJsonObject("status").getJsonArray("tasks");
                    return tasks.stream()
                            .map(JsonObject.class::cast)
                            .filter(task -> task.getString("state").equals("RUNNING"))
                            .map(task -> Map.entry(name + '-' + task.getInteger("id"), task.getString("worker_id")));
                })
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private URI uri(String path) {
        return URI.create("http://" + address + path);
    }

    private static String ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HTTP.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    void stop() throws InterruptedException {
        process.stop();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        kill();
    }
}
