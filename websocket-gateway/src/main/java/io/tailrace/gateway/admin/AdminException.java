// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import java.util.Locale;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A request that is refused, in Kafka's terms and in HTTP's. */
public final class AdminException extends RuntimeException {

    private final Errors error;

    AdminException(Errors error, @Nullable String text) {
        super(text == null ? String.valueOf(error.message()) : text, null, false, false);
        this.error = error;
    }

    static AdminException invalid(String text) {
        return new AdminException(Errors.INVALID_REQUEST, text);
    }

    static AdminException notFound(String text) {
        return new AdminException(Errors.RESOURCE_NOT_FOUND, text);
    }

    /** @throws AdminException unless the code is that of no error */
    static void check(short code, @Nullable String text) {
        if (code != Errors.NONE.code()) {
            throw new AdminException(Errors.forCode(code), text);
        }
    }

    /** Kafka's name of the error, in lower case with hyphens, as the other errors of the gateway are written. */
    public String code() {
        return error.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public boolean retriable() {
        return error.exception() instanceof RetriableException && httpStatus() >= 500;
    }

    public int httpStatus() {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, GROUP_ID_NOT_FOUND, RESOURCE_NOT_FOUND -> 404;
            case TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED -> 403;
            case TOPIC_ALREADY_EXISTS,
                    NON_EMPTY_GROUP,
                    GROUP_SUBSCRIBED_TO_TOPIC,
                    UNKNOWN_MEMBER_ID,
                    ILLEGAL_GENERATION -> 409;
            case REQUEST_TIMED_OUT -> 504;
            case UNKNOWN_SERVER_ERROR, KAFKA_STORAGE_ERROR -> 500;
            default -> error.exception() instanceof RetriableException ? 503 : 400;
        };
    }
}
