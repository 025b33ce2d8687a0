// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The header of a request.
 *
 * <pre>
 *  0  int16            api key
 *  2  int16            api version
 *  4  int32            correlation id
 *  8  nullable string  client id: int16 length, -1 for null; of this form in header version 2 too
 *  .. tagged fields    header version 2 only, that is: when the version of this API is flexible
 * </pre>
 *
 * <p>The first 8 bytes have this form in every version of every API. The rest is read only when the version is one that kafka-clients
 * knows; otherwise nobody can say what it looks like, and {@link #clientId} is empty. Tags of the header are skipped: none has been defined.
 *
 * @param clientId empty if null
 */
public record RequestHead(ApiKeys api, short version, int correlationId, String clientId) {

    /** Shortest frame that could hold a header. */
    public static final int MIN_BYTES = 8;

    /**
     * Reads a header and leaves {@code frame} at the body.
     *
     * @throws MalformedFrameException no header, or of an API that does not exist
     */
    public static RequestHead read(GuardedReader frame) {
        if (frame.remaining() < MIN_BYTES) {
            throw new MalformedFrameException("frame of " + frame.remaining() + " bytes has no header");
        }
        short key = frame.readShort();
        short version = frame.readShort();
        int correlationId = frame.readInt();
        if (!ApiKeys.hasId(key)) {
            throw new MalformedFrameException("api key " + key + " does not exist");
        }
        ApiKeys api = ApiKeys.forId(key);
        if (!api.isVersionSupported(version)) {
            return new RequestHead(api, version, correlationId, "");
        }
        try {
            String clientId = readClientId(frame);
            if (api.requestHeaderVersion(version) >= 2) {
                skipTags(frame);
            }
            return new RequestHead(api, version, correlationId, clientId);
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw new MalformedFrameException("broken request header", e);
        }
    }

    /** Version of the header that goes before the response; 0 for ApiVersions whatever its version. */
    public short responseHeaderVersion() {
        return api.responseHeaderVersion(version);
    }

    private static String readClientId(GuardedReader frame) {
        short length = frame.readShort();
        if (length < -1) {
            throw new MalformedFrameException("client id of " + length + " bytes");
        }
        return length <= 0 ? "" : new String(frame.readArray(length), StandardCharsets.UTF_8);
    }

    private static void skipTags(GuardedReader frame) {
        for (int left = frame.readUnsignedVarint(); left != 0; left--) {
            frame.readUnsignedVarint();
            frame.skip(frame.readUnsignedVarint());
        }
    }
}
