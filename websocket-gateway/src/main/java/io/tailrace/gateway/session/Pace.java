// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * How much of what changes a subscriber wants to see.
 *
 * @param latestPerKey of the records of one read, only the last of each key; the log keeps the others for whoever wants them
 * @param everyMs how long to wait after being up to date before looking again; 0 for not at all
 */
public record Pace(boolean latestPerKey, long everyMs) {

    /** Every record, at once. */
    public static final Pace ALL = new Pace(false, 0);
}
