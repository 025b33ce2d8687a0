// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import org.apache.kafka.common.protocol.Errors;

/** What a failed append means, to the state and to the client. */
final class AppendErrors {

    private AppendErrors() {}

    /** Whether the error proves that nothing was written. Everything else may be in the log now or later. */
    static boolean provesNothingWritten(Errors error) {
        return switch (error) {
            case NOT_ENOUGH_REPLICAS,
                    MESSAGE_TOO_LARGE,
                    RECORD_LIST_TOO_LARGE,
                    INVALID_RECORD,
                    INVALID_TIMESTAMP,
                    THROTTLING_QUOTA_EXCEEDED,
                    INVALID_PRODUCER_EPOCH,
                    POLICY_VIOLATION -> true;
            default -> false;
        };
    }

    /** What the client of a coordinator hears, as Kafka's coordinators translate it. */
    static Errors forClient(Errors error) {
        return switch (error) {
            case UNKNOWN_TOPIC_OR_PARTITION,
                    NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    REQUEST_TIMED_OUT,
                    THROTTLING_QUOTA_EXCEEDED,
                    NETWORK_EXCEPTION -> Errors.COORDINATOR_NOT_AVAILABLE;
            case NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, KAFKA_STORAGE_ERROR ->
                Errors.NOT_COORDINATOR;
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_FETCH_SIZE -> Errors.UNKNOWN_SERVER_ERROR;
            default -> error;
        };
    }
}
