// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks messages that clients have compressed (RFC 7692), each by itself, as {@link DeflateOffer} has it. How much comes out is bounded, and not by
 * what went in: a thousand times as much can be in it.
 *
 * <p>One for each event loop, and of that thread.
 */
public final class Inflate {

    /** What is left out on the wire, and ends a message (RFC 7692, section 7.2.2). */
    private static final byte[] END = {0, 0, -1, -1};

    private static final int SLICE_BYTES = 8 * 1024;

    /** A client may end a stream and begin another one in a message (section 7.2.3.4); nobody has a reason to do that often. */
    private static final int MOST_STREAMS = 16;

    // What it holds off the heap is freed when it is collected: with the event loop, at the end.
    private final Inflater inflater = new Inflater(true);
    private final byte[] slice = new byte[SLICE_BYTES];

    /** A message cannot be unpacked. */
    public static final class BrokenException extends Exception {

        private static final long serialVersionUID = 1;

        private final boolean tooLong;

        BrokenException(String message, boolean tooLong) {
            super(message);
            this.tooLong = tooLong;
        }

        /** Whether there is nothing wrong with it but its length. */
        public boolean isTooLong() {
            return tooLong;
        }
    }

    /** @param mostBytes no more is unpacked, however long it is */
    public byte[] unpacked(byte[] message, int mostBytes) throws BrokenException {
        byte[] in = Arrays.copyOf(message, message.length + END.length);
        System.arraycopy(END, 0, in, message.length, END.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        for (int streams = 0; at < in.length; streams++) {
            if (streams == MOST_STREAMS) {
                throw new BrokenException("a message of too many DEFLATE streams", false);
            }
            inflater.reset();
            inflater.setInput(in, at, in.length - at);
            drain(out, mostBytes);
            at = in.length - inflater.getRemaining();
        }
        return out.toByteArray();
    }

    /** Up to the end of the stream, or of what there is of it. */
    private void drain(ByteArrayOutputStream out, int mostBytes) throws BrokenException {
        try {
            for (int more = inflater.inflate(slice); more > 0; more = inflater.inflate(slice)) {
                if (out.size() + more > mostBytes) {
                    throw new BrokenException("a message has at most " + mostBytes + " bytes", true);
                }
                out.write(slice, 0, more);
            }
        } catch (DataFormatException e) {
            throw new BrokenException("a message is no DEFLATE stream: " + e.getMessage(), false);
        }
        if (inflater.needsDictionary()) {
            throw new BrokenException("a message needs a dictionary", false);
        }
    }
}
