// SPDX-License-Identifier: Apache-2.0
/**
 * Which segments of a log have had their time. Start reading at {@code RetentionPolicy}.
 *
 * <p>Pure functions over what is known of the segments.
 */
@NullMarked
package io.tailrace.log.retention;

import org.jspecify.annotations.NullMarked;
