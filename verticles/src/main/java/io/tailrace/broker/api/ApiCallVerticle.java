// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.bus.Call;
import io.tailrace.broker.bus.Replies;
import io.tailrace.cluster.bus.ApiCall;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's APIs for the gateway: the same handlers that answer Kafka connections, reached over the bus. So each operation is checked and
 * authorised in one place, whoever asks.
 */
public final class ApiCallVerticle extends VerticleBase {

    /** In place of a listener's name. */
    private static final String GATEWAY = "HTTP";

    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Bus bus;
    private final ApiRegistry apis;
    private final Replies replies = new Replies();
    private @Nullable MessageConsumer<Call<ApiCall>> consumer;
    private long lastConnectionId;

    public ApiCallVerticle(Bus bus, ApiRegistry apis) {
        this.bus = bus;
        this.apis = apis;
    }

    @Override
    public Future<?> start() {
        MessageConsumer<Call<ApiCall>> made = bus.serveApis(this::take);
        consumer = made;
        return made.completion();
    }

    @Override
    public Future<?> stop() {
        return consumer == null ? Future.succeededFuture() : consumer.unregister();
    }

    /** Whether a request came from the gateway, and so by no listener. */
    static boolean isGateway(RequestContext context) {
        return context.listener().equals(GATEWAY);
    }

    private void take(Call<ApiCall> call) {
        handle(call.request())
                .onSuccess(response -> {
                    replies.reply(call, response);
                    replies.flush();
                })
                .onFailure(failure -> {
                    replies.fail(call, failure);
                    replies.flush();
                });
    }

    @SuppressWarnings("unchecked") // the registry holds each handler under the key of its request class
    private Future<ApiMessage> handle(ApiCall call) {
        ApiKeys key = ApiKeys.forId(call.request().apiKey());
        KafkaApi<ApiMessage> api = (KafkaApi<ApiMessage>) apis.find(key.id);
        if (api == null || !apis.serves(key.id, call.version())) {
            return Future.failedFuture(new IllegalArgumentException(key + " v" + call.version() + " is not served"));
        }
        RequestContext asker = new RequestContext(
                --lastConnectionId,
                GATEWAY,
                call.principal(),
                call.version(),
                0,
                "tailrace-gateway",
                "tailrace-gateway",
                "",
                remote(call.host()),
                NO_ADDRESS,
                System.currentTimeMillis(),
                context,
                new Patience());
        return Future.succeededFuture()
                .compose(now -> api.handle(asker, call.request()))
                .map(response -> response);
    }

    /** Hosts come as addresses, from sockets; nothing is looked up. */
    private static InetSocketAddress remote(String host) {
        if (!host.matches("[0-9a-fA-F.:%]+")) {
            return NO_ADDRESS;
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), 0);
        } catch (UnknownHostException unreadable) {
            return NO_ADDRESS;
        }
    }
}
