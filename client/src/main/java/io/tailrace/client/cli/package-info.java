// SPDX-License-Identifier: Apache-2.0
/** The subcommands of {@code tailrace}; each is one picocli class that parses, calls and prints. */
@NullMarked
package io.tailrace.client.cli;

import org.jspecify.annotations.NullMarked;
