// SPDX-License-Identifier: Apache-2.0
/** What the node counts and tells. Safe from any thread. */
@NullMarked
package io.tailrace.broker.metrics;

import org.jspecify.annotations.NullMarked;
