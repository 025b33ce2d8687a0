// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.epoch;

/** A checkpoint file that cannot be read: torn, of another version, or no checkpoint at all. */
public final class MalformedCheckpointException extends Exception {

    public MalformedCheckpointException(String message) {
        super(message);
    }
}
