// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A blocking client that sends any bytes, well formed or not, and reads frames. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MS = 15_000;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    public RawClient(int port) throws IOException {
        socket = new Socket();
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(new java.net.InetSocketAddress("127.0.0.1", port), PATIENCE_MS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    public void send(byte... bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void send(ApiKeys api, int version, int correlationId, ApiMessage body) throws IOException {
        send(frame(api, version, correlationId, body));
    }

    /** A request as a client would write it, with its length. */
    public static byte[] frame(ApiKeys api, int version, int correlationId, ApiMessage body) {
        short bodyVersion = (short) version;
        short headerVersion = api.requestHeaderVersion(bodyVersion);
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(api.id)
                .setRequestApiVersion(bodyVersion)
                .setCorrelationId(correlationId)
                .setClientId("raw");
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int length = header.size(cache, headerVersion) + body.size(cache, bodyVersion);
        ByteBuffer bytes = ByteBuffer.allocate(4 + length).putInt(length);
        header.write(new ByteBufferAccessor(bytes), cache, headerVersion);
        body.write(new ByteBufferAccessor(bytes), cache, bodyVersion);
        return bytes.array();
    }

    /** A length and that many bytes of somebody's choice. */
    static byte[] frame(byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .putInt(content.length)
                .put(content)
                .array();
    }

    /** The next response, from its correlation id on. */
    public ByteBuffer receive() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    /** The next response, whose correlation id must be this one, as a message. */
    public <T extends ApiMessage> T receive(ApiKeys api, int version, int correlationId, T into) throws IOException {
        ByteBuffer frame = receive();
        int answered = frame.getInt();
        if (answered != correlationId) {
            throw new AssertionError("answer to " + answered + " where " + correlationId + " was due");
        }
        if (api.responseHeaderVersion((short) version) >= 1) {
            frame.get();
        }
        into.read(new ByteBufferAccessor(frame), (short) version);
        if (frame.hasRemaining()) {
            throw new AssertionError(frame.remaining() + " bytes too many");
        }
        return into;
    }

    /** Whether the broker hangs up; bytes that come before are swallowed. */
    boolean isHungUpOn() throws IOException {
        try {
            byte[] swallowed = new byte[8192];
            int count = 0;
            while (count >= 0) {
                count = in.read(swallowed);
            }
            return true;
        } catch (EOFException | SocketException e) {
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** Whether a response begins to arrive within this time; it is not read. */
    public boolean isAnswered(int withinMs) throws IOException {
        long deadline = System.nanoTime() + 1_000_000L * withinMs;
        while (in.available() == 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
        return in.available() > 0;
    }

    /** Whether nothing arrives for a while. */
    boolean isSilent(int forMs) throws IOException {
        socket.setSoTimeout(forMs);
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MS);
        }
    }

    /** Ends with a reset rather than with a farewell. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
