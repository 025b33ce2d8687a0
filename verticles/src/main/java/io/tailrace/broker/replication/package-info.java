// SPDX-License-Identifier: Apache-2.0
/**
 * Copies between nodes. {@link io.tailrace.broker.replication.ReplicaFetcherVerticle} asks the leaders of what this node follows, {@link
 * io.tailrace.broker.replication.ReplicaServerVerticle} answers its followers; what is copied, and what counts, is decided by the machines on
 * the log shards. Between nodes stands {@link io.tailrace.broker.replication.ReplicaTransport}.
 *
 * <p>Each class belongs to the context it was made on.
 */
@NullMarked
package io.tailrace.broker.replication;

import org.jspecify.annotations.NullMarked;
