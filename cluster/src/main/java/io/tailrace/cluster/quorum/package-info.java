// SPDX-License-Identifier: Apache-2.0
/**
 * The metadata log on Apache Ratis: the only package that knows Ratis. Start reading at {@link io.tailrace.cluster.quorum.RatisMetadataLog}.
 *
 * <p>Ratis runs threads of its own; what it calls back is handed to a {@code MetadataLog.Listener} on them.
 */
@NullMarked
package io.tailrace.cluster.quorum;

import org.jspecify.annotations.NullMarked;
