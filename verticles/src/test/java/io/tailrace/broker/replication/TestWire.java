// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.ReplicaCodec;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Carries bytes between the nodes of a test, unless a node is cut off. */
final class TestWire {

    private record Server(
            Context context,
            Function<ReplicaMessage.Fetch, Future<ReplicaTransport.Answer>> fetches,
            Consumer<ReplicaMessage.Release> releases) {}

    private final Map<Integer, Server> servers = new ConcurrentHashMap<>();
    private final Set<Integer> cutOff = ConcurrentHashMap.newKeySet();

    void cutOff(int node) {
        cutOff.add(node);
    }

    void join(int node) {
        cutOff.remove(node);
    }

    ReplicaTransport of(int node, Vertx vertx) {
        return new ReplicaTransport() {
            @Override
            public Future<Answer> fetch(int leaderId, ReplicaMessage.Fetch request, long timeoutMs) {
                Context asker = vertx.getOrCreateContext();
                Promise<Answer> answer = Promise.promise();
                Server server = servers.get(leaderId);
                if (server != null && isOpen(leaderId)) {
                    server.context.runOnContext(arrived -> server.fetches
                            .apply((ReplicaMessage.Fetch) copy(request))
                            .onSuccess(fetched -> {
                                Answer arriving = lent(fetched.fetched());
                                fetched.release().run();
                                asker.runOnContext(back -> {
                                    if (isOpen(leaderId)) {
                                        answer.tryComplete(arriving);
                                    }
                                });
                            }));
                }
                return answer.future().timeout(Math.min(timeoutMs, 700), TimeUnit.MILLISECONDS);
            }

            private boolean isOpen(int leaderId) {
                return !cutOff.contains(node) && !cutOff.contains(leaderId);
            }

            @Override
            public void release(int leaderId, ReplicaMessage.Release release) {
                Server server = servers.get(leaderId);
                if (server != null && isOpen(leaderId)) {
                    server.context.runOnContext(
                            arrived -> server.releases.accept((ReplicaMessage.Release) copy(release)));
                }
            }

            @Override
            public Future<Service> serve(
                    int nodeId,
                    Function<ReplicaMessage.Fetch, Future<ReplicaTransport.Answer>> fetches,
                    Consumer<ReplicaMessage.Release> releases) {
                Server server = new Server(vertx.getOrCreateContext(), fetches, releases);
                servers.put(nodeId, server);
                return Future.succeededFuture(() -> {
                    servers.remove(nodeId, server);
                    return Future.succeededFuture();
                });
            }
        };
    }

    /** In memory that is somebody else's as soon as it is given back. */
    private static ReplicaTransport.Answer lent(ReplicaMessage.Fetched fetched) {
        ByteBuffer memory = ByteBuffer.allocateDirect(ReplicaCodec.sizeBytes(fetched));
        ReplicaCodec.encode(fetched, memory);
        ReplicaMessage.Fetched copy = (ReplicaMessage.Fetched) ReplicaCodec.decode(memory.flip());
        return new ReplicaTransport.Answer(copy, () -> {
            for (int at = 0; at < memory.capacity(); at++) {
                memory.put(at, (byte) -1);
            }
        });
    }

    private static ReplicaMessage copy(ReplicaMessage message) {
        return ReplicaCodec.decode(ReplicaCodec.encode(message));
    }
}
