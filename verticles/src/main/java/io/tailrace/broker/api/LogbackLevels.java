// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.tailrace.cluster.metadata.Outcome;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.LoggerFactory;

/** The loggers of Logback. Kafka's level FATAL, which Logback has not, is ERROR here. */
public final class LogbackLevels implements LoggerLevels {

    private static final String ROOT = "root";

    private static final Map<String, Level> LEVELS = Map.of(
            "FATAL", Level.ERROR,
            "ERROR", Level.ERROR,
            "WARN", Level.WARN,
            "INFO", Level.INFO,
            "DEBUG", Level.DEBUG,
            "TRACE", Level.TRACE);

    private final LoggerContext context;

    private LogbackLevels(LoggerContext context) {
        this.context = context;
    }

    /** The levels of this process's loggers; none at all if another library than Logback does the logging. */
    public static LoggerLevels ofThisProcess() {
        return new LogbackLevels(
                LoggerFactory.getILoggerFactory() instanceof LoggerContext found ? found : new LoggerContext());
    }

    @Override
    public SortedMap<String, String> levels() {
        SortedMap<String, String> levels = new TreeMap<>();
        for (Logger logger : context.getLoggerList()) {
            levels.put(name(logger), logger.getEffectiveLevel().toString());
        }
        return levels;
    }

    @Override
    public Outcome checkSet(String logger, String level) {
        Outcome known = checkKnown(logger);
        if (known.isOk() && !LEVELS.containsKey(level.toUpperCase(Locale.ROOT))) {
            return Outcome.refused(
                    Errors.INVALID_CONFIG,
                    "Cannot set the log level of " + logger + " to " + level
                            + " as it is not a supported log level. Valid log levels are "
                            + String.join(", ", new TreeMap<>(LEVELS).keySet()));
        }
        return known;
    }

    @Override
    public void set(String logger, String level) {
        find(logger).setLevel(LEVELS.getOrDefault(level.toUpperCase(Locale.ROOT), Level.INFO));
    }

    @Override
    public Outcome checkUnset(String logger) {
        return logger.equals(ROOT)
                ? Outcome.refused(Errors.INVALID_REQUEST, "Removing the log level of the root logger is not allowed")
                : checkKnown(logger);
    }

    @Override
    public void unset(String logger) {
        find(logger).setLevel(null);
    }

    private Outcome checkKnown(String logger) {
        return logger.equals(ROOT) || context.exists(logger) != null
                ? Outcome.ok()
                : Outcome.refused(Errors.INVALID_CONFIG, "Logger " + logger + " does not exist!");
    }

    private Logger find(String logger) {
        return context.getLogger(logger.equals(ROOT) ? Logger.ROOT_LOGGER_NAME : logger);
    }

    private static String name(Logger logger) {
        return logger.getName().equals(Logger.ROOT_LOGGER_NAME) ? ROOT : logger.getName();
    }
}
