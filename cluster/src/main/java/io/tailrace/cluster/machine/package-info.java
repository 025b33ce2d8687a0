// SPDX-License-Identifier: Apache-2.0
/**
 * The shape every machine has: {@link io.tailrace.cluster.machine.Machine}.
 */
@NullMarked
package io.tailrace.cluster.machine;

import org.jspecify.annotations.NullMarked;
