// SPDX-License-Identifier: Apache-2.0
/**
 * Administration for the console and for scripts, as JSON values. Start reading at {@link io.tailrace.gateway.admin.AdminRoutes}, the table of
 * what there is; {@code openapi.json} in src/main/web describes the same table, and a test compares the two.
 *
 * <p>What changes something, or belongs to groups, is asked of Kafka's own APIs over the event bus ({@link
 * io.tailrace.gateway.admin.KafkaApis}), which check and authorise it as for any client. What only tells what exists comes from the cluster
 * image and from the log shards, so that ten thousand topics cost no request each. Objects belong to one event loop.
 */
@NullMarked
package io.tailrace.gateway.admin;

import org.jspecify.annotations.NullMarked;
