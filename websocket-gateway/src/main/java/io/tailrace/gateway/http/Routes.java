// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Access;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.admin.AdminRoutes;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.wire.BadFrameException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AclOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who answers what.
 *
 * <pre>
 *  /v1/socket                      WebSocket, sub-protocol tailrace.v1.json or tailrace.v1.bin
 *  /kafka                          WebSocket, sub-protocol kafka: see KafkaSockets
 *  /v1/topics                      GET
 *  /v1/topics/:topic/records       GET (server-sent events), POST
 *  /healthz /readyz /metrics       GET
 *  /v1/admin/...                   see AdminRoutes
 *  / /console/... /client.js       GET, see Assets
 *  /rest/api/producerMsg           GET, in development only
 * </pre>
 */
final class Routes {

    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
    private static final Pattern RECORDS = Pattern.compile("/v1/topics/([a-zA-Z0-9._-]{1,249})/records");

    private final Shared shared;
    private final Access access;
    private final OriginPolicy origins;
    private final Assets assets;
    private final Optional<String> developmentTopic;
    private final RecordsResource records;
    private final AdminResource admin;
    private final Handshakes handshakes;
    private final Supplier<Future<String>> scrape;

    /** What is served beside records, and to whom. */
    record Rules(Access access, OriginPolicy origins, Optional<String> developmentTopic) {}

    Routes(Shared shared, Handshakes handshakes, Rules rules, Listener.Served served) {
        this.shared = shared;
        this.access = rules.access();
        this.origins = rules.origins();
        this.assets = served.assets();
        this.scrape = served.scrape();
        this.developmentTopic = rules.developmentTopic();
        this.records = new RecordsResource(shared);
        this.admin = new AdminResource(served.admin());
        this.handshakes = handshakes;
    }

    void onRequest(HttpServerRequest request) {
        if (Handshakes.isOne(request)) {
            handshakes.onRequest(request);
            return;
        }
        HttpServerResponse response = request.response();
        response.putHeader("x-content-type-options", "nosniff");
        try {
            if (!origins.allows(request.headers())) {
                Answers.error(response, ErrorCode.NOT_AUTHORIZED, "not for pages of this origin");
                return;
            }
            origins.shared(request.headers())
                    .ifPresent(origin -> response.putHeader("access-control-allow-origin", origin)
                            .putHeader("vary", "origin"));
            answer(request, response, String.valueOf(request.path()));
        } catch (BadFrameException bad) {
            Answers.error(response, bad.code(), bad.text());
        } catch (RuntimeException bug) {
            LOG.error("a request failed; path={}", request.path(), bug);
            Answers.error(response, ErrorCode.INTERNAL, "see the log of the server");
        }
    }

    private void answer(HttpServerRequest request, HttpServerResponse response, String path) {
        Visitor visitor = Visitor.anonymous(request.remoteAddress(), access);
        boolean get = request.method().equals(HttpMethod.GET);
        Matcher ofRecords = RECORDS.matcher(path);
        if (request.method().equals(HttpMethod.OPTIONS)) {
            preflight(response);
        } else if (ofRecords.matches() && get) {
            records.get(request, visitor, ofRecords.group(1));
        } else if (ofRecords.matches() && request.method().equals(HttpMethod.POST)) {
            records.post(request, visitor, ofRecords.group(1));
        } else if (path.startsWith(AdminRoutes.PREFIX)) {
            admin.answer(request, visitor, path.substring(AdminRoutes.PREFIX.length()));
        } else if (!get) {
            Answers.text(response, 405, "not allowed here");
        } else if (path.equals("/v1/topics")) {
            topics(response, visitor);
        } else if (path.equals("/healthz")) {
            Answers.text(response, 200, "ok");
        } else if (path.equals("/readyz")) {
            boolean ready = shared.topics().metadata().image().brokers().containsKey(shared.nodeId());
            Answers.text(response, ready ? 200 : 503, ready ? "ok" : "not registered yet");
        } else if (path.equals("/metrics")) {
            metrics(response, visitor);
        } else if (SubProtocol.at(path, null) != SubProtocol.NOWHERE) {
            Answers.text(response, 426, "this is the address of a WebSocket");
        } else if (path.equals("/rest/api/producerMsg") && developmentTopic.isPresent()) {
            records.produce(request, visitor, developmentTopic.get());
        } else if (!assets.serve(path, request)) {
            Answers.text(response, 404, "there is nothing at this address");
        }
    }

    /** As Prometheus reads it. Names of groups and topics are in there: for those who may look at the cluster. */
    private void metrics(HttpServerResponse response, Visitor visitor) {
        if (!visitor.mayOnCluster(AclOperation.DESCRIBE)) {
            Answers.error(response, ErrorCode.NOT_AUTHORIZED, "not allowed on the cluster");
            return;
        }
        scrape.get().onSuccess(text -> Answers.metrics(response, text)).onFailure(failure -> {
            LOG.error("the metrics could not be taken", failure);
            Answers.error(response, ErrorCode.INTERNAL, "see the log of the server");
        });
    }

    /** What pages of a named origin may send; others were refused before. */
    private static void preflight(HttpServerResponse response) {
        response.putHeader("access-control-allow-methods", "GET, POST, PATCH, DELETE")
                .putHeader("access-control-allow-headers", "content-type, last-event-id");
        Answers.text(response, 200, "");
    }

    private void topics(HttpServerResponse response, Visitor visitor) {
        JsonArray topics = new JsonArray();
        for (TopicImage topic : shared.topics().metadata().image().topics().values()) {
            if (visitor.may(AclOperation.DESCRIBE, topic.name())) {
                topics.add(new JsonObject()
                        .put("name", topic.name())
                        .put("id", topic.id().toString())
                        .put("partitions", topic.partitions().size()));
            }
        }
        Answers.json(response, 200, new JsonObject().put("topics", topics));
    }
}
