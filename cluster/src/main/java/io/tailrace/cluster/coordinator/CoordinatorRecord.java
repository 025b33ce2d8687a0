// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One record of a coordinator's log, as the generated classes of Apache Kafka's own schemas have it
 * (docs/decisions/0006-group-records.md). Never changed once made.
 *
 * @param key which thing the record is about; its {@code apiKey()} is the record type
 * @param value what is true of it from now on; null takes it away (a tombstone)
 * @param valueVersion the schema version in which the value is, or was, written; 0 for a tombstone
 */
public record CoordinatorRecord(ApiMessage key, @Nullable ApiMessage value, short valueVersion) {

    public static CoordinatorRecord of(ApiMessage key, ApiMessage value, int valueVersion) {
        return new CoordinatorRecord(key, value, (short) valueVersion);
    }

    public static CoordinatorRecord tombstone(ApiMessage key) {
        return new CoordinatorRecord(key, null, (short) 0);
    }
}
