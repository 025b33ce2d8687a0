// SPDX-License-Identifier: Apache-2.0
/**
 * Who may acknowledge what: the leader's side of a partition. Start reading at {@link io.tailrace.cluster.replication.LeaderReplica}.
 *
 * <p>Pure machines; each is owned by the thread of its partition's shard.
 */
@NullMarked
package io.tailrace.cluster.replication;

import org.jspecify.annotations.NullMarked;
