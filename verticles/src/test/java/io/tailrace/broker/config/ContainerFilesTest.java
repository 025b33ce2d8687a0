// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Golden;
import io.tailrace.broker.peer.PeerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the container, compose and Kubernetes files say is what a broker takes: every variable, and every port. */
class ContainerFilesTest {

    private static final Path COMPOSE = Golden.REPOSITORY.resolve("conf/container/compose.yaml");
    private static final Path DOCKERFILE = Golden.REPOSITORY.resolve("conf/container/Dockerfile");
    private static final Path KUBERNETES = Golden.REPOSITORY.resolve("conf/kubernetes/tailrace.yaml");
    private static final int HTTP = 8080;

    @TempDir
    Path dir;

    @Test
    void theComposeFilesNodesAreOneCluster() throws Exception {
        Map<String, Object> services = map(yaml(COMPOSE).getFirst().get("services"));
        Set<Integer> ids = new HashSet<>();
        List<PeerAddress> told = new ArrayList<>();
        services.forEach((name, service) -> {
            BrokerConfig config = load(map(map(service).get("environment")));
            assertThat(ids.add(config.node().id())).as(name).isTrue();
            // Its own address is not in the list by that name: the list alone would count it twice.
            assertThat(config.cluster().beginNodes()).isEqualTo(services.size());
            int clusterPort = config.cluster().listener().orElseThrow().port();
            told.add(new PeerAddress(name, clusterPort));
            assertThat(config.cluster().bootstrap()).contains(new PeerAddress(name, clusterPort));
            for (Object published : (List<?>) map(service).get("ports")) {
                String[] parts = published.toString().split(":");
                assertThat(Integer.parseInt(parts[2])).isIn(portsOf(config));
            }
            assertThat(config.listeners().advertised())
                    .allSatisfy(it -> assertThat(it.host()).isIn("localhost", name))
                    .extracting(ListenerAddress::port)
                    .containsExactlyElementsOf(config.listeners().bound().stream()
                            .map(ListenerAddress::port)
                            .toList());
            List<String> volumes = ((List<?>) map(service).get("volumes"))
                    .stream().map(Object::toString).toList();
            assertThat(volumes).singleElement().asString().endsWith(":" + dataInImage());
        });
        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        load(map(map(services.values().iterator().next()).get("environment")))
                                .cluster()
                                .bootstrap());
    }

    /** The shell of the manifest is run, as the kubelet would, but for the broker itself. */
    @Test
    void theStatefulSetsNodesAreOneCluster() throws Exception {
        Map<String, Object> set = kind("StatefulSet");
        Map<String, Object> spec = map(set.get("spec"));
        Map<String, Object> pod = map(map(spec.get("template")).get("spec"));
        Map<String, Object> container = map(((List<?>) pod.get("containers")).getFirst());
        String headless = spec.get("serviceName").toString();
        int replicas = (int) spec.get("replicas");
        for (int ordinal = 0; ordinal < replicas; ordinal++) {
            String name = map(set.get("metadata")).get("name") + "-" + ordinal;
            BrokerConfig config = load(environment(container, name));
            assertThat(config.node().id()).isEqualTo(ordinal + 1);
            PeerAddress listener = config.cluster().listener().orElseThrow();
            assertThat(config.cluster().advertised().orElseThrow().host()).isEqualTo(name + "." + headless);
            assertThat(config.cluster().bootstrap()).containsExactly(new PeerAddress(headless, listener.port()));
            assertThat(config.cluster().beginNodes()).isEqualTo(replicas);
            assertThat(config.listeners().advertised())
                    .extracting(ListenerAddress::host)
                    .containsExactly(name + "." + headless);
            Map<String, Integer> ports = new HashMap<>();
            for (Object port : (List<?>) container.get("ports")) {
                ports.put(map(port).get("name").toString(), (int) map(port).get("containerPort"));
            }
            assertThat(ports)
                    .isEqualTo(Map.of(
                            "kafka",
                            config.listeners().bound().getFirst().port(),
                            "http",
                            HTTP,
                            "quorum",
                            listener.port(),
                            "membership",
                            listener.membershipPort(),
                            "bus",
                            listener.busPort()));
            assertThat(ports).containsKeys(probe(container, "readinessProbe"), probe(container, "livenessProbe"));
        }
        Set<String> mounted = new HashSet<>();
        ((List<?>) container.get("volumeMounts"))
                .forEach(it -> mounted.add(map(it).get("mountPath").toString()));
        assertThat(mounted)
                .contains(dataInImage(), secretFile(container).getParent().toString());
    }

    @Test
    void servicesAndPoliciesNamePortsThatAreServed() throws Exception {
        Set<Integer> served = Set.of(9092, HTTP, 9192, 9193, 9194);
        for (Map<String, Object> document : yaml(KUBERNETES)) {
            if ("Service".equals(document.get("kind"))) {
                for (Object port : (List<?>) map(document.get("spec")).get("ports")) {
                    assertThat((Integer) map(port).get("port")).isIn(served);
                }
            }
        }
        String exposed = Files.readAllLines(DOCKERFILE).stream()
                .filter(it -> it.startsWith("EXPOSE "))
                .findFirst()
                .orElseThrow();
        assertThat(exposed.substring("EXPOSE ".length()).split(" "))
                .extracting(Integer::parseInt)
                .containsExactlyInAnyOrderElementsOf(served);
    }

    private static List<Integer> portsOf(BrokerConfig config) {
        List<Integer> ports = new ArrayList<>(List.of(HTTP));
        config.listeners().bound().forEach(it -> ports.add(it.port()));
        return ports;
    }

    private static String probe(Map<String, Object> container, String name) {
        return map(map(container.get(name)).get("tcpSocket")).get("port").toString();
    }

    private static String dataInImage() {
        try {
            String set = "ENV TAILRACE_LOG_DIRS=";
            return Files.readAllLines(DOCKERFILE).stream()
                    .filter(it -> it.startsWith(set))
                    .findFirst()
                    .orElseThrow()
                    .substring(set.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path secretFile(Map<String, Object> container) throws Exception {
        return Path.of(variables(container, "tailrace-0").get("TAILRACE_CLUSTER_SECRET_FILE"));
    }

    private static Map<String, String> variables(Map<String, Object> container, String podName) {
        Map<String, String> variables = new HashMap<>();
        for (Object variable : (List<?>) container.get("env")) {
            Map<String, Object> it = map(variable);
            variables.put(
                    it.get("name").toString(),
                    it.containsKey("value") ? it.get("value").toString() : podName);
        }
        return variables;
    }

    private Map<String, Object> environment(Map<String, Object> container, String podName) throws Exception {
        Map<String, String> given = variables(container, podName);
        Path secret = Files.writeString(dir.resolve("secret"), "sixteen characters or more");
        given.replace("TAILRACE_CLUSTER_SECRET_FILE", secret.toString());
        String script = ((List<?>) container.get("args")).getFirst().toString();
        assertThat(script).contains("exec bin/tailrace start");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script.replace("exec bin/tailrace start", "exec env"));
        builder.environment().putAll(given);
        Process run = builder.redirectErrorStream(true)
                .redirectOutput(dir.resolve("env").toFile())
                .start();
        assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Map<String, Object> all = new HashMap<>();
        for (String line : Files.readAllLines(dir.resolve("env"))) {
            if (line.startsWith("TAILRACE_") && line.contains("=")) {
                all.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            }
        }
        return all;
    }

    /** As the broker would: a variable that it does not know stops it. */
    private static BrokerConfig load(Map<String, Object> environment) {
        Map<String, String> variables = new HashMap<>();
        environment.forEach((name, value) -> variables.put(name, value.toString()));
        // The machine of this test may have no address of its own.
        variables.putIfAbsent("TAILRACE_CLUSTER_ADVERTISED_HOST", advertised(variables));
        BrokerConfig config = new ConfigLoader().environment(variables).load();
        assertThat(config.warnings()).isEmpty();
        return config;
    }

    private static String advertised(Map<String, String> variables) {
        String listener = variables.get("TAILRACE_CLUSTER_LISTENER");
        return listener.startsWith("0.0.0.0:") ? "here" : listener.substring(0, listener.lastIndexOf(':'));
    }

    private static Map<String, Object> kind(String kind) throws Exception {
        return yaml(KUBERNETES).stream()
                .filter(it -> kind.equals(it.get("kind")))
                .findFirst()
                .orElseThrow();
    }

    private static List<Map<String, Object>> yaml(Path file) throws Exception {
        Iterable<Object> documents = new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(Files.readString(file));
        return StreamSupport.stream(documents.spliterator(), false)
                .map(ContainerFilesTest::map)
                .toList();
    }

    private static Map<String, Object> map(Object value) {
        Map<String, Object> map = new HashMap<>();
        ((Map<?, ?>) value).forEach((key, item) -> map.put(key.toString(), item));
        return map;
    }
}
