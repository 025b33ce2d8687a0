// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.access.Access;
import io.tailrace.gateway.admin.KafkaApis;
import io.tailrace.gateway.admin.Traffic;
import io.tailrace.gateway.log.LogShards;
import io.tailrace.gateway.log.TailReaders;
import io.tailrace.gateway.session.PublishSessions;
import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * What the gateway needs of the node around it.
 *
 * @param sessions one for all instances: a client that comes back may meet another
 * @param tails likewise: what the instances read together
 */
public record GatewayPorts(
        LogShards logs,
        MetadataView metadata,
        Access access,
        KafkaApis apis,
        PublishSessions sessions,
        TailReaders tails,
        KafkaSockets kafka,
        Telling telling) {

    /**
     * What is told of the node's work.
     *
     * @param scrape the node's metrics in Prometheus' text format; from any thread
     * @param metrics where the gateway counts its own
     */
    public record Telling(Traffic traffic, Supplier<Future<String>> scrape, GatewayMetrics metrics) {}
}
