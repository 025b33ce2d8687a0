// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The JDK's WebSocket, one frame after the other. */
final class Socket implements WebSocket.Listener, AutoCloseable {

    private final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
    private final List<String> values = new ArrayList<>();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    static Socket open(HttpClient client, URI address) {
        Socket opened = new Socket();
        opened.socket = client.newWebSocketBuilder()
                .subprotocols("tailrace.v1.json")
                .buildAsync(address, opened)
                .join();
        return opened;
    }

    void send(String text) {
        socket.sendText(text, true).join();
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

    JsonObject next() throws InterruptedException {
        JsonObject frame = frames.poll(30, TimeUnit.SECONDS);
        assertThat(frame).as("nothing came any more").isNotNull();
        return frame;
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
