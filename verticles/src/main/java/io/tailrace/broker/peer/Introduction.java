// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/** The dialling side's part of the handshake ({@link PeerFrames}) on one connection. One event loop. */
final class Introduction {

    /** Where the handshake is after a frame. */
    enum State {
        GOES_ON,
        /** Each side has proved itself. */
        DONE,
        /** This is no node. */
        NONSENSE,
        WRONG_SECRET
    }

    private final PeerSecret secret;
    private final NetSocket socket;
    private final byte[] nonce;
    private byte @Nullable [] serverNonce;

    Introduction(PeerSecret secret, NetSocket socket) {
        this.secret = secret;
        this.socket = socket;
        this.nonce = secret.nonce();
    }

    /** Takes the next frame of the side that was dialled, and answers it if there is something to answer. */
    State take(Buffer frame) {
        byte[] theirs = serverNonce;
        if (theirs != null) {
            return PeerSecret.same(secret.proofOfServer(theirs, nonce), frame.getBytes())
                    ? State.DONE
                    : State.WRONG_SECRET;
        }
        int magic = PeerFrames.MAGIC.length();
        if (frame.length() != magic + PeerSecret.NONCE_BYTES
                || !frame.getBuffer(0, magic).equals(PeerFrames.MAGIC)) {
            return State.NONSENSE;
        }
        theirs = frame.getBytes(magic, frame.length());
        serverNonce = theirs;
        PeerVerticle.send(socket, Buffer.buffer(nonce), Buffer.buffer(secret.proofOfClient(theirs, nonce)));
        return State.GOES_ON;
    }
}
