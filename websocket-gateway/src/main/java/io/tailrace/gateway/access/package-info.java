// SPDX-License-Identifier: Apache-2.0
/** Who is at the other end, and what it may do. Immutable values; any thread. */
@NullMarked
package io.tailrace.gateway.access;

import org.jspecify.annotations.NullMarked;
