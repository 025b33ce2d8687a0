// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * What one connection may use.
 *
 * @param frameBytes longest message to the server
 * @param subscriptions open at a time
 * @param publishRecords handed in and not answered yet
 * @param publishBytes handed in and not answered yet
 * @param pingMs how often the server makes itself heard at least
 */
public record Limits(int frameBytes, int subscriptions, int publishRecords, long publishBytes, long pingMs) {

    public static Limits defaults() {
        return new Limits(2 << 20, 128, 256, 4L << 20, 25_000);
    }
}
