// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Kafka's stream of bytes within the JDK's WebSocket: what is a message and what a part of one does not matter to it. */
public final class WebSocketWire implements WebSocket.Listener, AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long PATIENCE_S = 60;

    private final CompletableFuture<ByteBuffer> pong = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private WebSocket socket;
    private int taken;

    private WebSocketWire() {}

    /** @param authority host and port */
    public static WebSocketWire open(String authority) {
        WebSocketWire wire = new WebSocketWire();
        wire.socket = HTTP.newWebSocketBuilder()
                .subprotocols("kafka")
                .buildAsync(URI.create("ws://" + authority + "/kafka"), wire)
                .join();
        assertThat(wire.socket.getSubprotocol()).isEqualTo("kafka");
        return wire;
    }

    public WebSocket socket() {
        return socket;
    }

    /** What came back to a ping. */
    public CompletableFuture<ByteBuffer> pong() {
        return pong;
    }

    /** The code with which the other side closed; 1006 if it said nothing. */
    public CompletableFuture<Integer> closed() {
        return closed;
    }

    /** @param isLast of a message */
    public void send(byte[] bytes, int from, int to, boolean isLast) {
        socket.sendBinary(ByteBuffer.wrap(bytes, from, to - from), isLast).join();
    }

    public void send(byte[] message) {
        send(message, 0, message.length, true);
    }

    /** The next frame of Kafka's, without its length. */
    public ByteBuffer receive() throws InterruptedException {
        return take(take(Integer.BYTES).getInt());
    }

    private synchronized ByteBuffer take(int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (received.size() - taken < count) {
            assertThat(System.nanoTime()).as("more bytes in time").isLessThan(deadline);
            wait(1_000);
        }
        taken += count;
        return ByteBuffer.wrap(received.toByteArray(), taken - count, count).slice();
    }

    @Override
    public synchronized CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        received.writeBytes(bytes);
        notifyAll();
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        pong.complete(ByteBuffer.allocate(message.remaining()).put(message).flip());
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        closed.complete(1006);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
