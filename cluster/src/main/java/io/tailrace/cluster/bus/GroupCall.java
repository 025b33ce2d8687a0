// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.group.GroupRequest;

/**
 * A request on its way to the shard that coordinates its group; answered with a {@link GroupReply}.
 *
 * @param partition of {@code __consumer_offsets}
 */
public record GroupCall(int partition, GroupRequest request) {}
