// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/**
 * Cuts what a socket brings into frames.
 *
 * <pre>
 * frame     := length i32 (of what follows), body
 * greeting  := "TRP1", nonce 32 bytes                      the dialled side speaks first
 * proof     := nonce 32 bytes, HMAC 32 bytes                the dialling side
 * welcome   := HMAC 32 bytes                                the dialled side; it hangs up instead if the proof is wrong
 * request   := correlation i64, kind u8, bytes
 * response  := correlation i64, status u8 (0 done, 1 failed: the bytes are a text), bytes
 * </pre>
 *
 * A request of a kind that is served as a stream is answered once, and what follows on the connection is of that kind alone.
 *
 * Owned by the socket's event loop. A frame that is longer than allowed closes the socket before anything is kept for it.
 */
final class PeerFrames implements Handler<Buffer> {

    /** Until the other side has proved itself. */
    static final int STRANGER_BYTES_MAX = 256;

    /** The longest entry of the metadata log and its frame in Raft's own message, twice over. */
    static final int FRAME_BYTES_MAX = 4 << 20;

    static final Buffer MAGIC = Buffer.buffer("TRP1");

    private final NetSocket socket;
    private final Consumer<Buffer> taker;
    private Buffer gathered = Buffer.buffer();
    private int mostBytes = STRANGER_BYTES_MAX;

    PeerFrames(NetSocket socket, Consumer<Buffer> taker) {
        this.socket = socket;
        this.taker = taker;
    }

    void trusted() {
        mostBytes = FRAME_BYTES_MAX;
    }

    @Override
    public void handle(Buffer bytes) {
        gathered.appendBuffer(bytes);
        int from = 0;
        while (gathered.length() - from >= Integer.BYTES) {
            int length = gathered.getInt(from);
            if (length < 0 || length > mostBytes) {
                gathered = Buffer.buffer();
                socket.close().onFailure(failure -> {});
                return;
            }
            if (gathered.length() - from - Integer.BYTES < length) {
                break;
            }
            Buffer frame = gathered.getBuffer(from + Integer.BYTES, from + Integer.BYTES + length);
            from += Integer.BYTES + length;
            taker.accept(frame);
        }
        if (from > 0) {
            gathered = gathered.getBuffer(from, gathered.length());
        }
    }

    static Buffer framed(Buffer... parts) {
        int length = 0;
        for (Buffer part : parts) {
            length += part.length();
        }
        Buffer frame = Buffer.buffer(Integer.BYTES + length).appendInt(length);
        for (Buffer part : parts) {
            frame.appendBuffer(part);
        }
        return frame;
    }
}
