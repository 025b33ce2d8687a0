// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Commands of the operating system, for what Java has no words for: networks, mounts, frozen file systems. */
final class Shell {

    private static final long PATIENCE_S = 60;

    private Shell() {}

    /** Runs a command to its end. Throws with what it printed if it does not end well. */
    static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output.strip());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
        }
    }

    /** For cleaning up: failure is no reason not to go on. */
    static void tryRun(String... command) {
        try {
            run(command);
        } catch (IllegalStateException | UncheckedIOException already) {
            // It was not there, or is gone.
        }
    }

    static boolean isRoot() {
        return System.getProperty("os.name").equals("Linux")
                && run("id", "-u").strip().equals("0");
    }
}
