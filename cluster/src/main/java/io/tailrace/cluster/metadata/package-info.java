// SPDX-License-Identifier: Apache-2.0
/**
 * What must be true of the cluster: the immutable {@link io.tailrace.cluster.metadata.ClusterImage}, the records that
 * change it, and the controller that decides them.
 *
 * <p>Images are immutable and may be read from any thread.
 */
@NullMarked
package io.tailrace.cluster.metadata;

import org.jspecify.annotations.NullMarked;
