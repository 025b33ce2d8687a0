// SPDX-License-Identifier: Apache-2.0
/**
 * The broker process: main, assembly, life cycle.
 */
@NullMarked
package io.tailrace.broker;

import org.jspecify.annotations.NullMarked;
