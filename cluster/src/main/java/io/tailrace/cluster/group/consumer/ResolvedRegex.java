// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.NavigableSet;

/**
 * Which topics a pattern stands for.
 *
 * @param version of the cluster image that it was resolved against
 * @param resolvedMs when
 */
record ResolvedRegex(NavigableSet<String> topics, long version, long resolvedMs) {}
