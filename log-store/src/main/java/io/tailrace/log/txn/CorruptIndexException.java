// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.txn;

/** A transaction index that cannot be believed; it is rebuilt from the log. */
public final class CorruptIndexException extends Exception {

    public CorruptIndexException(String message) {
        super(message);
    }
}
