// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

/**
 * A metadata record cannot be read: bytes damaged, or written by a newer version of this program. Never continue past it: an image that
 * skipped a record is wrong.
 */
public final class MetadataFormatException extends RuntimeException {

    public MetadataFormatException(String what) {
        super(what);
    }

    public MetadataFormatException(String what, Throwable cause) {
        super(what, cause);
    }
}
