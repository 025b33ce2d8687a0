// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol.record;

import org.apache.kafka.common.protocol.Errors;

/**
 * What {@link BatchChecks} found: {@link #VALID}, or the first thing that is wrong and the error code Kafka answers it
 * with.
 */
public enum BatchVerdict {
    VALID(Errors.NONE, "the batch is sound"),
    TRUNCATED(Errors.CORRUPT_MESSAGE, "the bytes end before the batch does"),
    BAD_LENGTH(Errors.CORRUPT_MESSAGE, "the length field is smaller than a batch header"),
    /** Kafka 4 takes only magic 2 in produce requests of version 3 and later, the oldest it speaks. */
    OLD_MAGIC(Errors.INVALID_RECORD, "only record batches with magic version 2 are accepted (KIP-724)"),
    UNKNOWN_MAGIC(Errors.CORRUPT_MESSAGE, "the magic byte is unknown"),
    BAD_CRC(Errors.CORRUPT_MESSAGE, "the CRC-32C of the batch does not match its bytes"),
    UNKNOWN_COMPRESSION(Errors.UNSUPPORTED_COMPRESSION_TYPE, "the compression type is unknown"),
    BAD_COUNT(Errors.INVALID_RECORD, "the record count and the last offset delta do not agree");

    private final Errors error;
    private final String message;

    BatchVerdict(Errors error, String message) {
        this.error = error;
        this.message = message;
    }

    public Errors error() {
        return error;
    }

    /** A sentence for the client, without a full stop. */
    public String message() {
        return message;
    }
}
