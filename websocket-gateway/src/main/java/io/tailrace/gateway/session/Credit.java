// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/**
 * What a subscriber still allows the server to send: records, and bytes of keys, values and headers, or of batches as they are stored.
 *
 * <p>A read takes out a {@link Grant} before it starts and settles it when it is done, so that several reads at once never bring more than was
 * allowed. One record may be larger than all the bytes left, and one batch hold more than all that is left; it is sent whole, as a stream that
 * cannot pass it would stand still for ever, and the credit then is in debt until more is granted.
 */
public final class Credit {

    /** Enough for whoever does not count; far from overflow. */
    public static final long UNLIMITED = 1L << 53;

    private long records;
    private long bytes;
    private long reservedRecords;
    private long reservedBytes;

    public Credit(long records, long bytes) {
        add(records, bytes);
    }

    /** What one read may bring. */
    public record Grant(int records, int bytes) {}

    /** Adds to what is left; stays at {@link #UNLIMITED} from there on. */
    public void add(long moreRecords, long moreBytes) {
        records = Math.min(UNLIMITED, records + Math.min(UNLIMITED, moreRecords));
        bytes = Math.min(UNLIMITED, bytes + Math.min(UNLIMITED, moreBytes));
    }

    /** Whether a read could be granted anything. */
    public boolean isLeft() {
        return freeRecords() > 0 && freeBytes() > 0;
    }

    /** Whether so much may be sent now, whole. */
    public boolean covers(int wantedRecords, long wantedBytes) {
        return wantedRecords <= freeRecords() && wantedBytes <= freeBytes();
    }

    /**
     * Sets credit aside for a read; to be asked only while {@link #isLeft}.
     *
     * @param share of how many readers the caller is one: none takes all, so that a slow one does not hold up the others
     */
    public Grant reserve(int maxRecords, int maxBytes, int share) {
        int parts = Math.min(share, 4);
        Grant grant = new Grant((int) Math.min(maxRecords, Math.max(1, freeRecords() / parts)), (int)
                Math.min(maxBytes, Math.max(1, freeBytes() / parts)));
        reservedRecords += grant.records;
        reservedBytes += grant.bytes;
        return grant;
    }

    /** The read is done: what was set aside is free again, but for what it brought. */
    public void settle(Grant grant, int sentRecords, long sentBytes) {
        reservedRecords -= grant.records;
        reservedBytes -= grant.bytes;
        spend(sentRecords, sentBytes);
    }

    /** Books what was sent without a grant. */
    public void spend(int sentRecords, long sentBytes) {
        records -= sentRecords;
        bytes -= sentBytes;
    }

    /** Negative while in debt. */
    public long records() {
        return records;
    }

    /** Negative while in debt. */
    public long bytes() {
        return bytes;
    }

    private long freeRecords() {
        return records - reservedRecords;
    }

    private long freeBytes() {
        return bytes - reservedBytes;
    }
}
