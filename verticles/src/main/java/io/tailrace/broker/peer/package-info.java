// SPDX-License-Identifier: Apache-2.0
/**
 * How nodes talk of the metadata log, beside the event bus: a TCP port of its own, on which who does not know the cluster's secret gets no
 * further than its first frame. Start reading at {@link io.tailrace.broker.peer.PeerVerticle}, then {@link
 * io.tailrace.broker.peer.ClusterFormation}.
 */
@NullMarked
package io.tailrace.broker.peer;

import org.jspecify.annotations.NullMarked;
