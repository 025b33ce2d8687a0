// SPDX-License-Identifier: Apache-2.0
/**
 * Views over record batches (format v2) as they lie in a buffer or a file; nothing is copied to look at them.
 *
 * <p>A view is bound to one buffer and to one thread.
 */
@NullMarked
package io.tailrace.protocol.record;

import org.jspecify.annotations.NullMarked;
