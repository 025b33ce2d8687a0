// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.Main;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code tailrace version}: of Tailrace, and of the JVM it runs on. */
@Command(name = "version", description = "Print the version.")
public final class VersionCommand implements Runnable {

    /** The same text for {@code --version}. */
    public static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {version()};
        }
    }

    @Override
    public void run() {
        System.out.println(version());
    }

    static String version() {
        String ours = Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "development");
        return "tailrace " + ours + " (Java " + Runtime.version() + ")";
    }
}
