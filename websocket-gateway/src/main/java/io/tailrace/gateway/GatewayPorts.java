// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway;

import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.gateway.access.Access;
import io.tailrace.gateway.admin.KafkaApis;
import io.tailrace.gateway.admin.Traffic;
import io.tailrace.gateway.log.LogShards;

/** What the gateway needs of the broker. */
public record GatewayPorts(LogShards logs, MetadataView metadata, Access access, KafkaApis apis, Traffic traffic) {}
