// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help;

/** What becomes of an exception that ends a command: one readable line where the operator can act, a trace where only we can. */
public final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** Prints or logs it, and tells the exit code. */
    public static int handle(Exception failure, String command) {
        if (failure instanceof ConfigException || failure instanceof RefusedException) {
            System.err.println(Help.defaultColorScheme(Help.Ansi.AUTO).errorText("tailrace: " + failure.getMessage()));
            return failure instanceof ConfigException ? 2 : 1;
        }
        LOG.error("{} failed", command, failure);
        return 1;
    }
}
