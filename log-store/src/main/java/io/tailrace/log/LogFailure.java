// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log;

import io.tailrace.log.disk.StorageException;
import org.apache.kafka.common.TopicPartition;

/**
 * A log that could not write, sync or recover.
 *
 * @param cause {@link StorageException.Kind#NO_SPACE}: the log goes on, producers may retry; any other: the log is offline
 */
public record LogFailure(TopicPartition partition, StorageException cause) {

    /** Whether the log takes appends again. */
    public boolean isRetriable() {
        return cause.kind() == StorageException.Kind.NO_SPACE;
    }
}
