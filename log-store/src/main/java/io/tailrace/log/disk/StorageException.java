// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.disk;

import java.io.Serial;

/** The device or the file system failed, or what it gave back is not what was written. */
public final class StorageException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** What failed; {@link #NO_SPACE} and {@link #NOT_FOUND} say nothing about the health of the device. */
    public enum Kind {
        /** The file system or the quota is full. */
        NO_SPACE,
        /** The file or directory is not there. */
        NOT_FOUND,
        /** Bytes are there but fail their check. */
        CORRUPT,
        /** Anything else: the device is not to be trusted with another write. */
        IO
    }

    private final Kind kind;

    public StorageException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StorageException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
