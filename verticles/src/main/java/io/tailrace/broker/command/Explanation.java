// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

import java.io.IOException;
import java.util.Objects;

/** What an operator is told of a failure: the message of its cause where that was written to be read, else its kind too. */
final class Explanation {

    private Explanation() {}

    static String of(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof IOException)) {
            cause = cause.getCause();
        }
        String message = Objects.requireNonNullElse(cause.getMessage(), "");
        boolean readable = cause.getClass() == IOException.class && !message.isEmpty();
        return readable ? message : cause.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
    }
}
