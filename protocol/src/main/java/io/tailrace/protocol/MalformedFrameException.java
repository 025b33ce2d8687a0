// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

/**
 * The bytes of a frame are no request. The connection they came from cannot be understood any further and is closed.
 *
 * <p>Carries no stack trace: a flood of garbage shall not cost one each.
 */
public final class MalformedFrameException extends RuntimeException {

    private final String reason;

    public MalformedFrameException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    public MalformedFrameException(String reason, Throwable cause) {
        super(reason, cause, false, false);
        this.reason = reason;
    }

    /** What is wrong with the frame, for a log line. */
    public String reason() {
        return reason;
    }
}
