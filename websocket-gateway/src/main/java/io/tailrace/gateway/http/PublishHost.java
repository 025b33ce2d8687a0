// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.log.Publisher;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.PublishEffect;
import io.tailrace.gateway.session.PublishEvent;
import io.tailrace.gateway.session.PublishEvent.Lane;
import io.tailrace.gateway.session.PublishSession;
import io.tailrace.gateway.session.ServerFrame;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for a publish session what it wants done, on the connection that the client has now. What was begun goes on when the connection is gone;
 * the next one takes its place.
 */
final class PublishHost implements PublishSession.Client {

    private static final Logger LOG = LoggerFactory.getLogger(PublishHost.class);

    /** Between two attempts to write the same. */
    private static final long WAIT_MS = 250;

    private static final short INIT_PRODUCER_ID_VERSION = 4;

    private final PublishSession session;
    private final Shared shared;
    private final Visitor visitor;
    private final PublishSession.Client client;

    /** @param client told from any thread */
    PublishHost(PublishSession session, Shared shared, Visitor visitor, PublishSession.Client client) {
        this.session = session;
        this.shared = shared;
        this.visitor = visitor;
        this.client = client;
    }

    @Override
    public void tell(ServerFrame frame) {
        client.tell(frame);
    }

    @Override
    public void probe(long number) {
        client.probe(number);
    }

    /** @param known producer id that the client has named, or -1 */
    void connect(long known) {
        perform(() -> session.connect(this, known));
    }

    /** What the client says. Nobody listens any more if it has come back elsewhere: it says it there, too. */
    void hear(PublishEvent event) {
        perform(() -> session.belongsTo(this) ? session.step(event) : List.of());
    }

    void leave() {
        session.leave(this);
    }

    private void on(PublishEvent event) {
        perform(() -> session.step(event));
    }

    /** What is told leaves in the order in which it was decided; the rest has no order. */
    private void perform(Supplier<List<PublishEffect>> step) {
        List<PublishEffect> others = new ArrayList<>();
        synchronized (session) {
            for (PublishEffect effect : step.get()) {
                switch (effect) {
                    case PublishEffect.Tell it -> {
                        if (it.frame() instanceof ServerFrame.Failed) {
                            shared.loop().metrics().published(0, 1);
                        }
                        session.client().ifPresent(to -> to.tell(it.frame()));
                    }
                    case PublishEffect.Probe it -> session.client().ifPresent(to -> to.probe(it.number()));
                    case PublishEffect.AskProducer it -> others.add(it);
                    case PublishEffect.Write it -> others.add(it);
                    case PublishEffect.Wait it -> others.add(it);
                }
            }
        }
        others.forEach(this::perform);
    }

    private void perform(PublishEffect effect) {
        switch (effect) {
            case PublishEffect.Tell it -> {}
            case PublishEffect.Probe it -> {}
            case PublishEffect.AskProducer it -> askProducer();
            case PublishEffect.Write it -> write(it);
            case PublishEffect.Wait it ->
                shared.loop().vertx().setTimer(WAIT_MS, due -> on(new PublishEvent.Due(it.lane())));
        }
    }

    private void askProducer() {
        InitProducerIdRequestData request =
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(Integer.MAX_VALUE);
        shared.loop()
                .apis()
                .ask(visitor, INIT_PRODUCER_ID_VERSION, request, InitProducerIdResponseData.class)
                .onSuccess(given -> on(given(given)))
                .onFailure(lost -> {
                    LOG.warn("no producer id for a publisher", lost);
                    on(new PublishEvent.NotGiven(ErrorCode.UNAVAILABLE, "no producer id can be had now"));
                });
    }

    private static PublishEvent given(InitProducerIdResponseData response) {
        Errors error = Errors.forCode(response.errorCode());
        return error == Errors.NONE
                ? new PublishEvent.Given(response.producerId())
                : new PublishEvent.NotGiven(ErrorCode.of(error), error.message());
    }

    private void write(PublishEffect.Write write) {
        Lane lane = write.lane();
        int count = write.records().size();
        find(lane)
                .map(topic -> shared.loop()
                        .publisher()
                        .write(topic, lane.partition(), write.producerId(), write.sequence(), write.records()))
                .orElseGet(() -> Future.succeededFuture(
                        new Publisher.Outcome.Refused(ErrorCode.UNKNOWN_TOPIC, "the topic is gone")))
                .onSuccess(outcome -> on(event(lane, count, outcome)));
    }

    private Optional<TopicImage> find(Lane lane) {
        return shared.topics().metadata().image().topic(lane.topicId());
    }

    private PublishEvent event(Lane lane, int count, Publisher.Outcome outcome) {
        return switch (outcome) {
            case Publisher.Outcome.Written it -> {
                shared.loop().metrics().published(count, 0);
                yield new PublishEvent.Written(lane, it.offset());
            }
            case Publisher.Outcome.Refused it -> new PublishEvent.NotWritten(lane, it.error(), it.text());
            case Publisher.Outcome.OutOfOrder it -> new PublishEvent.OutOfOrder(lane);
            case Publisher.Outcome.NotKnown it -> new PublishEvent.NotKnown(lane);
        };
    }
}
