// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.cluster.metadata.Outcome;
import java.util.SortedMap;

/** The levels of this process's loggers, as a resource that can be described and altered (KIP-412). Safe from any thread. */
public interface LoggerLevels {

    /** The level in force of every logger there is, the root logger as {@code root}. */
    SortedMap<String, String> levels();

    /** Whether {@link #set} would do. */
    Outcome checkSet(String logger, String level);

    /** Sets a level until the process ends; allowed by {@link #checkSet} before. */
    void set(String logger, String level);

    /** Whether {@link #unset} would do. */
    Outcome checkUnset(String logger);

    /** Lets the logger follow its parent again; allowed by {@link #checkUnset} before. */
    void unset(String logger);
}
