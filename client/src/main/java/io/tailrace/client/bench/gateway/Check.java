// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench.gateway;

/** Whether everybody got everything, once and in order. A bench that loses records measures nothing. */
final class Check {

    private static final long PATIENCE_MS = 120_000;

    private Check() {}

    /**
     * Waits for what is under way, and fails if it does not come.
     *
     * @param keyCount 0 if everybody gets everything
     * @param readers how many clients, the first ones, have credit; the others must have got nothing
     * @param sent records written, keys in turn
     */
    static void complete(Fleet fleet, int keyCount, int readers, long sent) throws InterruptedException {
        long expected = 0;
        for (int client = 0; client < readers; client++) {
            expected += keyCount == 0 ? sent : ofKey(client, keyCount, sent);
        }
        long deadlineMs = System.currentTimeMillis() + PATIENCE_MS;
        while (fleet.sum(Client::received) < expected && System.currentTimeMillis() < deadlineMs) {
            Thread.sleep(20);
        }
        long received = fleet.sum(Client::received);
        long wrong = fleet.sum(Client::wrong);
        if (received != expected || wrong > 0) {
            throw new IllegalStateException(
                    "received " + received + " of " + expected + " records, " + wrong + " times out of order");
        }
    }

    private static long ofKey(int key, int keyCount, long sent) {
        return sent / keyCount + (key < sent % keyCount ? 1 : 0);
    }
}
