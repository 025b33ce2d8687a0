// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A WebSocket frame by frame, reserved bits and all (RFC 6455, RFC 7692), with nothing of the gateway in it. */
final class RawSocket implements AutoCloseable {

    static final int FINAL = 0x80;
    static final int RSV1 = 0x40;
    static final int CONTINUED = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;

    private static final int PATIENCE_MS = 60_000;
    private static final int OPCODE = 0xF;
    private static final int CONTROL = 0x8;

    private final Socket socket;
    private final DataInputStream in;
    private final List<String> answer = new ArrayList<>();

    /** @param first what it begins with: the bits, and the kind */
    record Frame(int first, byte[] payload) {}

    /** @param frames the first bytes of all its frames */
    record Message(List<Integer> frames, byte[] payload) {

        boolean isPacked() {
            return (frames.get(0) & RSV1) != 0;
        }

        byte[] content() {
            return isPacked() ? unpacked(payload) : payload;
        }

        JsonObject json() {
            return new JsonObject(new String(content(), StandardCharsets.UTF_8));
        }
    }

    /** @param headers lines of the request, besides those that must be */
    RawSocket(int port, String... headers) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MS);
        in = new DataInputStream(socket.getInputStream());
        String request = "GET /v1/socket HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n"
                + String.join(
                        "", List.of(headers).stream().map(it -> it + "\r\n").toList()) + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        for (String line = line(); !line.isEmpty(); line = line()) {
            answer.add(line);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            line.append(c == '\r' ? "" : String.valueOf((char) c));
        }
        return line.toString();
    }

    /** The lines of the answer to the handshake. */
    List<String> answer() {
        return answer;
    }

    void send(String text) throws IOException {
        send(FINAL | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** With a mask of zeros, which is one. */
    void send(int first, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) first);
        if (payload.length <= 125) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length <= 0xFFFF) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(0).put(payload);
        socket.getOutputStream().write(frame.array(), 0, frame.position());
    }

    Frame frame() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        length = length == 126 ? in.readUnsignedShort() : length == 127 ? Math.toIntExact(in.readLong()) : length;
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    /** The next message; what comes between its frames is passed over. */
    Message message() throws IOException {
        List<Integer> frames = new ArrayList<>();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        while (true) {
            Frame frame = frame();
            if ((frame.first & OPCODE) == CLOSE) {
                throw new IOException("the server closed, with " + status(frame));
            }
            if ((frame.first & CONTROL) == 0) {
                frames.add(frame.first);
                payload.writeBytes(frame.payload);
                if ((frame.first & FINAL) != 0) {
                    return new Message(frames, payload.toByteArray());
                }
            }
        }
    }

    /** The status that the server closes with. */
    int closeStatus() throws IOException {
        Frame frame = frame();
        while ((frame.first & OPCODE) != CLOSE) {
            frame = frame();
        }
        return status(frame);
    }

    private static int status(Frame close) {
        return ByteBuffer.wrap(close.payload).getShort();
    }

    private static byte[] unpacked(byte[] message) {
        Inflater inflater = new Inflater(true);
        inflater.setInput(ByteBuffer.allocate(message.length + 4)
                .put(message)
                .putInt(0xFFFF)
                .array());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] some = new byte[8_192];
        try {
            for (int more = inflater.inflate(some); more > 0; more = inflater.inflate(some)) {
                out.write(some, 0, more);
            }
        } catch (DataFormatException e) {
            throw new AssertionError(e);
        } finally {
            inflater.end();
        }
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
