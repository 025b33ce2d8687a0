// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** What a subscriber is sent. */
public enum Format {

    /** Records, one by one. */
    RECORDS,

    /** Batches as they are in the log, whole and unopened: no single record of them can be chosen or left out. */
    BATCHES
}
