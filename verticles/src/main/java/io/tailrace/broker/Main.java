// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.command.Failures;
import io.tailrace.broker.command.StartCommand;
import io.tailrace.broker.command.VersionCommand;
import io.tailrace.broker.command.WarmUpCommand;
import io.tailrace.client.cli.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code tailrace}. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. */
@Command(
        name = "tailrace",
        description = "A Kafka-compatible event-streaming broker.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Provider.class,
        subcommands = {
            StartCommand.class,
            BenchCommand.class,
            VersionCommand.class,
            WarmUpCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        String[] words = args.length == 0 ? new String[] {"help"} : args;
        int code = new CommandLine(new Main())
                .setExecutionExceptionHandler(Failures::handle)
                .execute(words);
        System.exit(code);
    }
}
