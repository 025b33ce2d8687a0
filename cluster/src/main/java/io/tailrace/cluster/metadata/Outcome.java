// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import org.apache.kafka.common.protocol.Errors;

/**
 * How one item of a request went, in Kafka's own codes.
 *
 * @param message for a person to read; empty if the code says it all, or if nothing went wrong
 */
public record Outcome(Errors error, String message) {

    private static final Outcome OK = new Outcome(Errors.NONE, "");

    public static Outcome ok() {
        return OK;
    }

    public static Outcome refused(Errors error, String message) {
        return new Outcome(error, message);
    }

    public boolean isOk() {
        return error == Errors.NONE;
    }
}
