// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import org.apache.kafka.common.protocol.Errors;

/** Why something was refused, in the words of the protocol. */
public enum ErrorCode {
    BAD_FRAME("bad-frame", 400, false),
    UNSUPPORTED("unsupported", 400, false),
    UNKNOWN_TOPIC("unknown-topic", 404, false),
    UNKNOWN_PARTITION("unknown-partition", 404, false),
    UNKNOWN_SUBSCRIPTION("unknown-subscription", 404, false),
    NOT_AUTHORIZED("not-authorized", 403, false),
    NOT_ASSIGNED("not-assigned", 409, false),
    INVALID_TOKEN("invalid-token", 400, false),
    INVALID_RECORD("invalid-record", 400, false),
    TOO_LARGE("too-large", 413, false),
    LIMIT("limit", 429, false),
    PUBLISH_WINDOW("publish-window", 429, true),
    TIMED_OUT("timed-out", 504, true),
    UNAVAILABLE("unavailable", 503, true),

    /** It may have been done, or not. */
    UNKNOWN("unknown", 500, true),
    INTERNAL("internal", 500, false);

    private final String text;
    private final int httpStatus;
    private final boolean retriable;

    ErrorCode(String text, int httpStatus, boolean retriable) {
        this.text = text;
        this.httpStatus = httpStatus;
        this.retriable = retriable;
    }

    /** As it stands in the protocol. */
    public String text() {
        return text;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the same may work later. */
    public boolean retriable() {
        return retriable;
    }

    /** What a refusal of the log is to a subscriber or publisher. */
    public static ErrorCode of(Errors error) {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> UNKNOWN_TOPIC;
            case TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED -> NOT_AUTHORIZED;
            case GROUP_MAX_SIZE_REACHED -> LIMIT;
            case FENCED_MEMBER_EPOCH, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID -> NOT_ASSIGNED;
            case GROUP_ID_NOT_FOUND, INCONSISTENT_GROUP_PROTOCOL, UNSUPPORTED_VERSION, INVALID_GROUP_ID -> UNSUPPORTED;
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE -> TOO_LARGE;
            case INVALID_RECORD, CORRUPT_MESSAGE, INVALID_TIMESTAMP -> INVALID_RECORD;
            case REQUEST_TIMED_OUT -> TIMED_OUT;
            default ->
                error.exception() instanceof org.apache.kafka.common.errors.RetriableException ? UNAVAILABLE : INTERNAL;
        };
    }
}
