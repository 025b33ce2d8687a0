// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** How much a connection may have handed in without having heard what became of it, in records and bytes. */
public final class PublishWindow {

    private final int maxRecords;
    private final long maxBytes;
    private int records;
    private long bytes;

    public PublishWindow(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /** Takes one more record in, if the window is open for it; one is always taken when nothing else is under way. */
    public boolean enter(long recordBytes) {
        if (records > 0 && (records >= maxRecords || bytes + recordBytes > maxBytes)) {
            return false;
        }
        records++;
        bytes += recordBytes;
        return true;
    }

    /** Takes one in that was taken in elsewhere already. */
    void force(long recordBytes) {
        records++;
        bytes += recordBytes;
    }

    /** A record that was taken in has been answered. */
    public void leave(long recordBytes) {
        records--;
        bytes -= recordBytes;
    }
}
