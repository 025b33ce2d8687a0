// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.ApiRegistry;
import io.tailrace.broker.api.BrokerFeatures;
import io.tailrace.broker.api.KafkaApi;
import io.tailrace.broker.api.NodeIdentity;
import io.tailrace.broker.api.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** A listener on a free port of loopback with handlers of the test's choice, and raw clients of it. */
final class ListenerFixture implements AutoCloseable {

    static final BrokerFeatures FEATURES = new BrokerFeatures(
            new TreeMap<>(java.util.Map.of(
                    "group.version", new BrokerFeatures.Range((short) 0, (short) 1),
                    "metadata.version", new BrokerFeatures.Range((short) 7, (short) 30))),
            new TreeMap<>(java.util.Map.of("group.version", (short) 1)),
            17);

    final RequestBudget budget;
    final ConnectionCounts counts;
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final KafkaListener listener;
    private final int port;
    private final List<RawClient> clients = new ArrayList<>();

    private ListenerFixture(ListenerConfig config, ListenerPorts ports, List<KafkaApi<?>> apis) {
        budget = ports.memory().frames();
        counts = ports.counts();
        ApiRegistry registry = ApiRegistry.of(apis, () -> FEATURES, () -> new NodeIdentity("this-cluster", 7));
        listener = new KafkaListener(vertx, config, registry, ports);
        port = await(listener.listen());
    }

    static ListenerFixture start(KafkaApi<?>... apis) {
        return start(config(), ListenerPorts.plain(RequestBudget.ofThisMachine()), apis);
    }

    static ListenerFixture start(ListenerConfig config, ListenerPorts ports, KafkaApi<?>... apis) {
        return new ListenerFixture(config, ports, List.of(apis));
    }

    static ListenerConfig config() {
        return ListenerConfig.plaintext("127.0.0.1", 0).withLoops(2);
    }

    int port() {
        return port;
    }

    Vertx vertx() {
        return vertx;
    }

    RawClient connect() throws IOException {
        RawClient client = new RawClient(port);
        clients.add(client);
        return client;
    }

    /** A handler out of a function. */
    static <Q extends ApiMessage> KafkaApi<Q> api(
            ApiKeys key, BiFunction<RequestContext, Q, Future<? extends ApiMessage>> function) {
        return new KafkaApi<>() {
            @Override
            public ApiKeys key() {
                return key;
            }

            @Override
            public Future<? extends ApiMessage> handle(RequestContext context, Q request) {
                return function.apply(context, request);
            }
        };
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("future did not succeed", e);
        }
    }

    @Override
    public void close() {
        clients.forEach(RawClient::close);
        await(listener.close());
        await(vertx.close());
    }
}
