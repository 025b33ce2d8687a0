// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.GatewayMetrics.Handshake;
import io.tailrace.gateway.KafkaSockets;
import io.tailrace.gateway.access.Access;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.session.Admission;
import io.tailrace.gateway.wire.DeflateOffer;
import io.tailrace.gateway.wire.Inflate;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the WebSockets of one event loop, as fast as {@link Admission} lets it: who comes too early waits a moment, or is refused with 503 and
 * {@code Retry-After}.
 */
final class Handshakes {

    private static final Logger LOG = LoggerFactory.getLogger(Handshakes.class);

    private static final int UNAVAILABLE = 503;

    /** For who finds every place taken. Who left one is not known before. */
    private static final int FULL_RETRY_S = 30;

    private final Vertx vertx;
    private final Shared shared;
    private final Admission admission;
    private final OriginPolicy origins;
    private final Access access;
    private final KafkaSockets.Loop kafka;

    Handshakes(Vertx vertx, Shared shared, Admission admission, Routes.Rules rules, KafkaSockets.Loop kafka) {
        this.vertx = vertx;
        this.shared = shared;
        this.admission = admission;
        this.origins = rules.origins();
        this.access = rules.access();
        this.kafka = kafka;
    }

    static boolean isOne(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true);
    }

    void onRequest(HttpServerRequest request) {
        SubProtocol spoken = SubProtocol.at(request.path(), request.headers().get("sec-websocket-protocol"));
        if (spoken == SubProtocol.NOWHERE) {
            refuse(request, 404, "there is no WebSocket at this address");
        } else if (spoken == SubProtocol.NONE) {
            refuse(request, 400, "none of these sub-protocols is spoken here");
        } else if (!origins.allows(request.headers())) {
            refuse(request, 403, "not for pages of this origin");
        } else if (shared.pulse().isFull()) {
            later(request, FULL_RETRY_S);
        } else {
            switch (admission.step(System.nanoTime())) {
                case Admission.Verdict.Later it -> later(request, it.retryAfterS());
                case Admission.Verdict.Enter it -> {
                    count(it.waitNs() == 0 ? Handshake.ADMITTED : Handshake.HELD);
                    if (it.waitNs() == 0) {
                        open(request, spoken);
                    } else {
                        request.pause();
                        vertx.setTimer(
                                Math.ceilDiv(it.waitNs(), TimeUnit.MILLISECONDS.toNanos(1)),
                                due -> open(request, spoken));
                    }
                }
            }
        }
    }

    private void open(HttpServerRequest request, SubProtocol spoken) {
        Inflate inflate = spoken == SubProtocol.KAFKA ? null : agreed(request);
        // One that cannot be opened is gone, or no WebSocket: then it has had its answer.
        request.toWebSocket()
                .onSuccess(socket -> opened(socket, spoken, inflate))
                .onFailure(lost -> LOG.debug("a WebSocket was gone before it was open", lost));
    }

    /** Vert.x could negotiate it too, and would then have a compressor for each connection. */
    private @Nullable Inflate agreed(HttpServerRequest request) {
        List<String> offers = request.headers().getAll("sec-websocket-extensions");
        if (shared.inflate() == null || !DeflateOffer.isAcceptable(String.join(",", offers))) {
            return null;
        }
        request.response().putHeader("sec-websocket-extensions", DeflateOffer.ANSWER);
        return shared.inflate();
    }

    private void opened(ServerWebSocket socket, SubProtocol spoken, @Nullable Inflate inflate) {
        if (spoken == SubProtocol.KAFKA) {
            kafka.take(socket);
        } else {
            Visitor visitor = Visitor.anonymous(socket.remoteAddress(), access);
            FrameSocket frames = FrameSocket.takeOver(
                    socket, shared.context(), shared.limits().frameBytes(), inflate);
            new WebSocketSession(frames, spoken == SubProtocol.BINARY, visitor, shared).start();
        }
    }

    private void later(HttpServerRequest request, int seconds) {
        count(Handshake.REFUSED);
        request.response().putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
        refuse(request, UNAVAILABLE, "too many at once; come again later");
    }

    /** The connection ends with it: whoever it is has asked for nothing else. */
    private static void refuse(HttpServerRequest request, int status, String text) {
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        Answers.text(request.response(), status, text);
    }

    private void count(Handshake outcome) {
        shared.loop().metrics().handshake(outcome);
    }
}
