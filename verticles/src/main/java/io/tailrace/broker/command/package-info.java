// SPDX-License-Identifier: Apache-2.0
/** The commands of the broker process itself. Each is one picocli class that reads, calls and prints; it runs on the main thread. */
@NullMarked
package io.tailrace.broker.command;

import org.jspecify.annotations.NullMarked;
