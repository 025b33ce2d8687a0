// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

/** A connection that is looked after from time to time, and told when the server stops. */
interface Pulsed {

    /** Makes the connection heard at the other end, or gives it up. */
    void pulse(long nowMs);

    /** Says goodbye and closes. @param afterMs when the client should come back: others come before and behind it */
    void drain(long afterMs);
}
