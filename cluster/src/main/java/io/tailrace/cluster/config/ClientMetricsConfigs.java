// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;

import java.util.List;

/** A subscription to clients' metrics (KIP-714). It is kept, so that tools can manage it; this broker collects nothing from clients. */
final class ClientMetricsConfigs {

    static final String INTERVAL_MS = "interval.ms";
    static final String METRICS = "metrics";
    static final String MATCH = "match";

    static final int LOWEST_INTERVAL_MS = 100;
    static final int HIGHEST_INTERVAL_MS = 3_600_000;

    /** What a client may be matched by. */
    static final List<String> SELECTORS = List.of(
            "client_instance_id",
            "client_id",
            "client_software_name",
            "client_software_version",
            "client_source_address",
            "client_source_port");

    static final ConfigSchema SCHEMA = ConfigSchema.builder()
            .define(INTERVAL_MS, INT, 300_000, null, "How often clients push their metrics, in milliseconds.")
            .define(METRICS, LIST, List.of(), null, "Prefixes of the names of the metrics to push; * is all.")
            .define(
                    MATCH,
                    LIST,
                    List.of(),
                    null,
                    "Which clients: selector=regular expression, all of which must match.")
            .build();

    private ClientMetricsConfigs() {}
}
