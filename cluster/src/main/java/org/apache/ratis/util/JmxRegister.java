// SPDX-License-Identifier: Apache-2.0
package org.apache.ratis.util;

import java.util.function.Supplier;

/**
 * Stands in the place of Ratis' class of this name, and registers nothing.
 *
 * <p>Ratis shows each server to JMX and can be told not to by no setting. The first use of the platform's JMX server costs a start more CPU
 * than all of Ratis does: it also parses the configurations of the flight recorder. This module comes before Ratis on every class path; were it
 * behind it, a start would only be slower.
 */
public class JmxRegister {

    /** Returns no name: nothing was registered. */
    public synchronized String register(Object bean, Iterable<Supplier<String>> names) {
        return "";
    }

    /** Whether there was something to take back. */
    public synchronized boolean unregister() {
        return false;
    }
}
