// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.tailrace.broker.command.Failures;
import io.tailrace.broker.command.StartCommand;
import io.tailrace.broker.command.VersionCommand;
import io.tailrace.broker.command.WarmUpCommand;
import io.tailrace.client.cli.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** All commands, as picocli reads them from the words of the command line. */
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
final class Commands {

    private Commands() {}

    /** Runs the command that the words name, and tells its exit code. */
    static int run(String[] args) {
        String[] words = args.length == 0 ? new String[] {"help"} : args;
        return new CommandLine(new Commands())
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> Failures.handle(failure, command.getCommandName()))
                .execute(words);
    }
}
