// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.command.PlainStart;
import java.util.OptionalInt;

/** The command {@code tailrace}. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        OptionalInt served = PlainStart.run(args);
        System.exit(served.isPresent() ? served.getAsInt() : Commands.run(args));
    }
}
