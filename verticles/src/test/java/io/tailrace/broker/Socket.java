// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The JDK's WebSocket, one frame after the other. */
final class Socket implements WebSocket.Listener, AutoCloseable {

    private static final int PATIENCE_S = 60;

    private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<ByteBuffer> binaryFrames = new LinkedBlockingQueue<>();
    private final BlockingQueue<ByteBuffer> pongs = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final List<String> values = new ArrayList<>();
    private final StringBuilder partial = new StringBuilder();
    private final ByteArrayOutputStream partialBinary = new ByteArrayOutputStream();
    private WebSocket socket;

    static Socket open(HttpClient client, URI address) {
        return open(client, address, "tailrace.v1.json");
    }

    /** @param preferred sub-protocol, and others that will do */
    static Socket open(HttpClient client, URI address, String preferred, String... others) {
        Socket opened = new Socket();
        opened.socket = client.newWebSocketBuilder()
                .subprotocols(preferred, others)
                .buildAsync(address, opened)
                .join();
        return opened;
    }

    /** For what is not said in whole messages. */
    WebSocket raw() {
        return socket;
    }

    void send(String text) {
        socket.sendText(text, true).join();
    }

    void send(byte[] message) {
        socket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        partial.append(part);
        if (last) {
            frames.add(new JsonObject(partial.toString()));
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        partialBinary.writeBytes(bytes);
        if (last) {
            binaryFrames.add(ByteBuffer.wrap(partialBinary.toByteArray()));
            partialBinary.reset();
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        pongs.add(ByteBuffer.allocate(message.remaining()).put(message).flip());
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        closed.complete(status);
        return null;
    }

    JsonObject next() throws InterruptedException {
        JsonObject frame = frames.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(frame).as("nothing came any more").isNotNull();
        return frame;
    }

    ByteBuffer nextBinary() throws InterruptedException {
        ByteBuffer frame = binaryFrames.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(frame).as("nothing came any more but %s", frames).isNotNull();
        return frame;
    }

    ByteBuffer nextPong() throws InterruptedException {
        return pongs.poll(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Waits for the other side's goodbye; the status it has. */
    int closeStatus() throws Exception {
        return closed.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** The next frame of one of these types; others are passed over. */
    JsonObject next(String... types) throws InterruptedException {
        while (true) {
            JsonObject frame = next();
            if (Arrays.asList(types).contains(frame.getString("type"))) {
                return frame;
            }
            keep(frame);
        }
    }

    /** Exactly so many more values; fails if a data frame brings more. */
    List<String> values(int count) throws InterruptedException {
        values.clear();
        while (values.size() < count) {
            keep(next());
        }
        assertThat(values).hasSize(count);
        return List.copyOf(values);
    }

    /** So many values, those passed over before included. */
    List<String> allValues(int count) throws InterruptedException {
        while (values.size() < count) {
            keep(next());
        }
        return List.copyOf(values);
    }

    private void keep(JsonObject frame) {
        if ("data".equals(frame.getString("type"))) {
            JsonArray records = frame.getJsonArray("records");
            for (int i = 0; i < records.size(); i++) {
                values.add(records.getJsonObject(i).getString("value"));
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
