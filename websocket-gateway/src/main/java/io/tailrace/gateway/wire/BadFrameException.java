// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.ErrorCode;

/** A text from a client that is not a frame, or one that this server does not know. The message is for the client's developer. */
public final class BadFrameException extends RuntimeException {

    private final ErrorCode code;

    BadFrameException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    BadFrameException(String message) {
        this(ErrorCode.BAD_FRAME, message);
    }

    /** A request with something wrong in it. */
    public static BadFrameException of(String message) {
        return new BadFrameException(message);
    }

    public ErrorCode code() {
        return code;
    }

    /** What to tell the client. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
