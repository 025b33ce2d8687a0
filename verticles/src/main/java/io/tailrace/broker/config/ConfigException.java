// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.config;

import java.util.List;

/** The configuration cannot be used. The message lists every problem on a line of its own, ready for the terminal. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigException(List<String> problems) {
        super("the configuration cannot be used:\n  " + String.join("\n  ", problems));
    }
}
