// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.producer;

/** A producer snapshot that cannot be believed: it is deleted, and an older one or the log is read instead. */
public final class CorruptSnapshotException extends Exception {

    public CorruptSnapshotException(String message) {
        super(message);
    }
}
