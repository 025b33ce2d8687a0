// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.stream;

import io.tailrace.gateway.GatewayMetrics;
import io.tailrace.gateway.admin.KafkaApis;
import io.tailrace.gateway.log.LogReads;
import io.tailrace.gateway.log.Publisher;
import io.tailrace.gateway.log.Tails;
import io.vertx.core.Vertx;

/** What the subscriptions and publishers of one event loop share. */
public record Loop(
        Vertx vertx,
        LogReads reads,
        Tails tails,
        Publisher publisher,
        Growth growth,
        KafkaApis apis,
        GatewayMetrics metrics) {}
