// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the nodes of a cluster know and nobody else does. Two nodes prove to each other that they know it, without saying it: each answers the
 * other's random number with an HMAC-SHA256 over both numbers and its own role (RFC 2104).
 *
 * <p>Proves who is at the other end when a connection is made. It does not encrypt what follows.
 */
public final class PeerSecret {

    static final int NONCE_BYTES = 32;
    static final int PROOF_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    public PeerSecret(String secret) {
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    /** What the side that dialled says. */
    byte[] proofOfClient(byte[] serverNonce, byte[] clientNonce) {
        return hmac("tailrace peer client", serverNonce, clientNonce);
    }

    /** What the side that was dialled says. */
    byte[] proofOfServer(byte[] serverNonce, byte[] clientNonce) {
        return hmac("tailrace peer server", serverNonce, clientNonce);
    }

    /** In time that does not depend on where the two differ. */
    static boolean same(byte[] expected, byte[] told) {
        return MessageDigest.isEqual(expected, told);
    }

    /** A name that only who knows the secret can make; for what takes no more than a name. */
    public String derivedName(String purpose) {
        return HexFormat.of().formatHex(hmac("tailrace name " + purpose, new byte[0], new byte[0]));
    }

    private byte[] hmac(String role, byte[] first, byte[] second) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(role.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            mac.update(first);
            mac.update(second);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
