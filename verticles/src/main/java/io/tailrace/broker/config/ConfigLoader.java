// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Puts the layers over one another and reads a {@link BrokerConfig} from them: built-in defaults, below a file, below the environment, below
 * the command line. Of one key the highest layer counts.
 *
 * <p>Used once, by one thread.
 */
public final class ConfigLoader {

    private static final String PREFIX = "TAILRACE_";

    /** Variables that speak to the launcher. */
    private static final Set<String> LAUNCHER = Set.of(
            "TAILRACE_JVM_OPTS",
            "TAILRACE_HOME",
            "TAILRACE_CONFIG",
            "TAILRACE_HEAP",
            "TAILRACE_DIRECT_MEMORY",
            "TAILRACE_LOG_LEVEL");

    private static final int FILE = 100;
    private static final int ENVIRONMENT = 200;
    private static final int OVERRIDES = 300;

    private final List<ConfigSource> sources = new ArrayList<>();
    private final Map<String, String> written = new TreeMap<>();

    /**
     * Reads a properties file, Tailrace's own or a Kafka {@code server.properties}; UTF-8.
     *
     * @throws ConfigException if it cannot be read
     */
    public ConfigLoader file(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new ConfigException(List.of("the file " + file + " cannot be read: " + unreadable));
        }
        Map<String, String> values = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return add(values, file.toString(), FILE);
    }

    /** Takes the variables that begin with {@code TAILRACE_}; {@code TAILRACE_LOG_DIRS} sets {@code log.dirs}. */
    public ConfigLoader environment(Map<String, String> variables) {
        Map<String, String> ours = new HashMap<>();
        Map<String, String> names = KnownKeys.variables();
        variables.forEach((variable, value) -> {
            if (variable.startsWith(PREFIX) && !LAUNCHER.contains(variable)) {
                ours.put(variable.substring(PREFIX.length()), value);
                String name = names.getOrDefault(variable, Key.nameLike(variable));
                written.put(name, "the environment (" + variable + ")");
            }
        });
        sources.add(new EnvConfigSource(ours, ENVIRONMENT));
        return this;
    }

    /** The highest layer: {@code --override key=value} of the command line, or what embeds the broker. */
    public ConfigLoader overrides(Map<String, String> values) {
        return add(values, "--override", OVERRIDES);
    }

    private ConfigLoader add(Map<String, String> values, String source, int ordinal) {
        sources.add(new PropertiesConfigSource(values, source, ordinal));
        values.keySet().forEach(name -> written.put(name, source));
        return this;
    }

    /**
     * Reads and checks everything.
     *
     * @throws ConfigException naming every key that is unknown or has a value that is not allowed
     */
    public BrokerConfig load() {
        SmallRyeConfig layered =
                new SmallRyeConfigBuilder().withSources(sources).build();
        Settings settings = new Settings(name -> find(layered, name));
        checkNames(settings);
        StorageConfig storage = StorageConfig.from(settings);
        BrokerConfig config = new BrokerConfig(
                NodeConfig.from(settings),
                ListenerConfig.from(settings),
                NetworkConfig.from(settings),
                storage,
                TopicConfig.from(settings),
                GroupConfig.from(settings),
                TransactionConfig.from(settings),
                FetchConfig.from(settings),
                MetadataConfig.from(settings, storage),
                ClusterConfig.from(settings),
                HttpConfig.from(settings),
                explicit(layered),
                settings.warnings());
        if (!settings.problems().isEmpty()) {
            throw new ConfigException(settings.problems());
        }
        return config;
    }

    /** Refuses names that mean nothing, and warns of those that mean something only to Kafka. */
    private void checkNames(Settings settings) {
        written.forEach((name, source) -> {
            if (KnownKeys.find(name).isPresent()) {
                return;
            }
            Optional<String> protection = ForeignKeys.protection(name);
            Optional<String> harmless = ForeignKeys.harmless(name);
            if (protection.isPresent()) {
                settings.problem(name + " from " + source + ": " + protection.get()
                        + ", and the broker does not start as if it were; take the key out to run without");
            } else if (harmless.isPresent()) {
                settings.warning(name + " from " + source + " does nothing: " + harmless.get());
            } else {
                settings.problem(name + " from " + source + ": there is no such key"
                        + Suggestion.forName(name, KnownKeys.names())
                                .map(meant -> "; did you mean " + meant + "?")
                                .orElse("; conf/tailrace.properties lists them all"));
            }
        });
    }

    private Optional<Settings.Origin> find(SmallRyeConfig layered, String name) {
        ConfigValue value = layered.getConfigValue(name);
        if (value.getValue() != null) {
            return Optional.of(
                    new Settings.Origin(value.getValue(), written.getOrDefault(name, value.getSourceName())));
        }
        return KnownKeys.ALIASES.entrySet().stream()
                .filter(alias -> alias.getValue().equals(name))
                .findFirst()
                .flatMap(alias -> find(layered, alias.getKey()));
    }

    private Map<String, String> explicit(SmallRyeConfig layered) {
        return KnownKeys.names().stream()
                .filter(name -> find(layered, name).isPresent())
                .collect(Collectors.toUnmodifiableMap(
                        name -> name, name -> find(layered, name).orElseThrow().value()));
    }
}
