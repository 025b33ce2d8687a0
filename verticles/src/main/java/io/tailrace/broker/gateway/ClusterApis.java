// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.gateway;

import io.tailrace.broker.bus.Bus;
import io.tailrace.cluster.bus.ApiCall;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.admin.KafkaApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's APIs for the gateway, asked of the nodes that can answer: a group's coordinator, a partition's leader, the node whose configuration it
 * is about. What is about several of them is taken apart, and the answers are put together, as Kafka's own admin client does.
 */
public final class ClusterApis implements KafkaApis {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterApis.class);

    /** Longer than any of these APIs waits. */
    private static final long PATIENCE_MS = 40_000;

    private final int nodeId;
    private final Bus bus;
    private final MetadataView metadata;
    private final NodeCalls calls;

    public ClusterApis(int nodeId, Bus bus, MetadataView metadata, NodeCalls calls) {
        this.nodeId = nodeId;
        this.bus = bus;
        this.metadata = metadata;
        this.calls = calls;
    }

    @Override
    public Future<ApiMessage> ask(Visitor visitor, short version, ApiMessage request) {
        RequestParts parts = RequestParts.of(request, metadata.image(), nodeId);
        Map<Integer, ApiMessage> byNode = parts.byNode();
        List<Future<ApiMessage>> answers = new ArrayList<>();
        byNode.forEach((node, part) -> answers.add(ask(node, visitor, version, part)));
        if (answers.size() == 1) {
            return answers.get(0);
        }
        if (!parts.allNodes()) {
            return Future.all(answers).map(all -> RequestParts.merged(all.list()));
        }
        // A node that is just going has its share taken over by others: what they tell is better than nothing.
        return Future.join(answers).transform(any -> {
            List<ApiMessage> told = answers.stream()
                    .filter(Future::succeeded)
                    .map(Future::result)
                    .toList();
            return told.isEmpty() ? answers.get(0) : Future.succeededFuture(RequestParts.merged(told));
        });
    }

    private Future<ApiMessage> ask(int node, Visitor visitor, short version, ApiMessage request) {
        if (node == nodeId) {
            return bus.askApi(new ApiCall(visitor.principal(), visitor.host(), version, request));
        }
        KafkaPrincipal principal = visitor.principal();
        NodeCall.AskApi call = new NodeCall.AskApi(
                principal.getPrincipalType(),
                principal.getName(),
                visitor.host(),
                request.apiKey(),
                version,
                NodeCallVerticle.bytes(request, version));
        return calls.ask(node, call, PATIENCE_MS)
                .compose(answer -> answer instanceof NodeCall.Answered it
                        ? Future.succeededFuture(response(request.apiKey(), version, it))
                        : Future.failedFuture("node " + node + " has no answer: " + answer))
                .onFailure(lost -> LOG.debug("node={} apiKey={}: no answer", node, request.apiKey(), lost));
    }

    private static ApiMessage response(short apiKey, short version, NodeCall.Answered answer) {
        ApiMessage response = ApiMessageType.fromApiKey(apiKey).newResponse();
        response.read(new ByteBufferAccessor(answer.response()), version);
        return response;
    }
}
