// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Everybody comes at once, or is sent away at once. */
@Timeout(180)
class GatewayStormIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path dir;

    private BrokerFixture node;

    @BeforeEach
    void start() {
        node = BrokerFixture.start(dir, "http.handshakes.per.second", "1", "http.handshake.burst", "2");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void whoComesInAStormIsHeldOrToldWhenToComeAgainAndThenGetsIn() throws Exception {
        List<CompletableFuture<WebSocket>> storm = new ArrayList<>();
        int places = 3 * Runtime.getRuntime().availableProcessors(); // two at once and one held, on each event loop
        for (int i = 0; i < places + 20; i++) {
            storm.add(knock());
        }
        List<Long> refused = new ArrayList<>();
        for (CompletableFuture<WebSocket> each : storm) {
            long retryAfterS = refusal(each);
            if (retryAfterS != 0) {
                refused.add(retryAfterS);
            }
        }
        assertThat(refused).isNotEmpty().allMatch(it -> it >= 1 && it <= 120);
        assertThat(refused.size()).isLessThanOrEqualTo(20);
        assertThat(counted("refused")).isEqualTo(refused.size());
        assertThat(counted("admitted") + counted("held")).isEqualTo(storm.size() - refused.size());
        assertThat(counted("held")).isPositive();

        long again = refused.get(0);
        for (int tries = 0; again != 0; tries++) {
            assertThat(tries).as("times that it came when it was told to").isLessThan(10);
            TimeUnit.SECONDS.sleep(again); // what a client does that was told so
            again = refusal(knock());
        }
    }

    @Test
    void aStoppingNodeTellsEachClientAnotherTimeToComeBack() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            CompletableFuture<WebSocket> opened;
            Socket socket = new Socket();
            do {
                opened = HTTP.newWebSocketBuilder().buildAsync(address(), socket);
            } while (refusal(opened) != 0);
            sockets.add(socket);
        }
        node.close();
        Set<Long> times = new HashSet<>();
        for (Socket socket : sockets) {
            long afterMs = socket.next("drain").getLong("afterMs");
            assertThat(afterMs).isBetween(1L, 6_000L);
            times.add(afterMs);
            assertThat(socket.closeStatus()).isEqualTo(1012);
        }
        // Each event loop spreads its own.
        assertThat(times.size()).isGreaterThanOrEqualTo(6 / Runtime.getRuntime().availableProcessors());
    }

    private CompletableFuture<WebSocket> knock() {
        return HTTP.newWebSocketBuilder().buildAsync(address(), new Socket());
    }

    private URI address() {
        return URI.create("ws://127.0.0.1:" + node.httpPort() + "/v1/socket");
    }

    /** Seconds to come after; 0 if it was let in. */
    private static long refusal(CompletableFuture<WebSocket> handshake) {
        try {
            handshake.join();
            return 0;
        } catch (CompletionException refused) {
            assertThat(refused).hasCauseInstanceOf(WebSocketHandshakeException.class);
            HttpResponse<?> response = ((WebSocketHandshakeException) refused.getCause()).getResponse();
            assertThat(response.statusCode()).isEqualTo(503);
            return response.headers().firstValueAsLong("retry-after").orElseThrow();
        }
    }

    private long counted(String outcome) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + node.httpPort() + "/metrics");
        String text = HTTP.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher line = Pattern.compile(
                        "tailrace_gateway_handshakes_total\\{[^}]*outcome=\"" + outcome + "\"[^}]*} (\\S+)")
                .matcher(text);
        assertThat(line.find()).as(text).isTrue();
        return (long) Double.parseDouble(line.group(1));
    }
}
