// SPDX-License-Identifier: Apache-2.0
/** What the house promises of its own shape: arrows between modules, purity, tidiness. */
@NullMarked
package io.tailrace.broker.house;

import org.jspecify.annotations.NullMarked;
