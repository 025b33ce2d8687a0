// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import io.tailrace.broker.config.BrokerConfig;
import io.tailrace.broker.config.ConfigLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command is told its configuration. */
final class ConfigOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "properties file, Tailrace's or Kafka's; else $$TAILRACE_CONFIG, else conf/tailrace.properties of the installation")
    private @Nullable Path file;

    @Option(
            names = {"-o", "--override"},
            paramLabel = "KEY=VALUE",
            description = "sets a key above file and environment; may be given again and again")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /** For picocli, which fills them in. */
    ConfigOptions() {}

    ConfigOptions(@Nullable Path file, Map<String, String> overrides) {
        this.file = file;
        this.overrides = overrides;
    }

    @Nullable
    Path file() {
        return file;
    }

    Map<String, String> overrides() {
        return overrides;
    }

    /**
     * Reads all layers.
     *
     * @throws io.tailrace.broker.config.ConfigException if they cannot be used
     */
    BrokerConfig load(Map<String, String> environment) {
        ConfigLoader loader = new ConfigLoader();
        file(environment).ifPresent(loader::file);
        return loader.environment(environment).overrides(overrides).load();
    }

    /** A file that was asked for must be there; the one of the installation need not. */
    private Optional<Path> file(Map<String, String> environment) {
        Optional<Path> asked = Optional.ofNullable(file)
                .or(() ->
                        Optional.ofNullable(environment.get("TAILRACE_CONFIG")).map(Path::of));
        return asked.or(() -> Optional.ofNullable(System.getProperty("tailrace.home"))
                .map(home -> Path.of(home, "conf", "tailrace.properties"))
                .filter(Files::exists));
    }
}
