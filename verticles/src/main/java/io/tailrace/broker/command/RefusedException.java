// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.command;

/** The node does not start, for a reason that the operator can do something about. The message is written for the terminal. */
final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
