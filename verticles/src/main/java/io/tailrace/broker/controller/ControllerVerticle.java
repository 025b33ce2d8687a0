// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.broker.bus.RecordCodec;
import io.tailrace.broker.controller.ControllerCall.Answer;
import io.tailrace.broker.controller.ControllerCall.Ask;
import io.tailrace.broker.controller.ControllerCall.AskQuorum;
import io.tailrace.broker.controller.ControllerCall.AskVote;
import io.tailrace.broker.controller.ControllerCall.Quorum;
import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.metadata.ConfigPolicy;
import io.tailrace.cluster.metadata.Controller;
import io.tailrace.cluster.metadata.ControllerConfig;
import io.tailrace.cluster.metadata.ControllerEffect;
import io.tailrace.cluster.metadata.ControllerEffect.Append;
import io.tailrace.cluster.metadata.ControllerEffect.Fail;
import io.tailrace.cluster.metadata.ControllerEffect.Publish;
import io.tailrace.cluster.metadata.ControllerEffect.Reply;
import io.tailrace.cluster.metadata.ControllerEffect.Resign;
import io.tailrace.cluster.metadata.ControllerEvent;
import io.tailrace.cluster.metadata.ControllerEvent.AppendFailed;
import io.tailrace.cluster.metadata.ControllerEvent.Committed;
import io.tailrace.cluster.metadata.ControllerEvent.LeadershipChanged;
import io.tailrace.cluster.metadata.ControllerEvent.Restored;
import io.tailrace.cluster.metadata.ControllerEvent.Submitted;
import io.tailrace.cluster.metadata.ControllerEvent.Suspected;
import io.tailrace.cluster.metadata.ControllerEvent.Ticked;
import io.tailrace.cluster.metadata.ControllerReply.Done;
import io.tailrace.cluster.metadata.ControllerReply.Refused;
import io.tailrace.cluster.metadata.ControllerRequest;
import io.tailrace.cluster.metadata.ControllerRequest.UnregisterBroker;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.Outcome;
import io.tailrace.cluster.metadata.TopicIds;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hosts the {@link Controller} of this node: brings it requests from the bus and entries from the metadata log, and carries out what it wants.
 *
 * <p>The machine runs on this verticle's event loop; its steps are short (about a microsecond for each thing that changes). Files are the
 * log's business and are touched on its threads. Deployed once on each node. Its deployment is complete when the log is open and its listener
 * told of what it holds; whether a controller has been elected by then is another matter: {@link #controllerKnown}.
 */
public final class ControllerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerVerticle.class);

    private static final DeliveryOptions ANSWER = new DeliveryOptions().setCodecName(ControllerCall.CODEC);

    /** How finely the sessions of nodes are watched, while nobody says that one of them is gone. */
    private static final long TICK_MS = 500;

    /** How finely afterwards, and for how long: more than a suspected node has left. */
    private static final long ALERT_TICK_MS = 100;

    private static final long ALERT_TICKS = 30;

    private final ControllerConfig config;
    private final MetadataLog log;
    private final MetadataPublisher images;
    private final Decommission decommission;
    private final VoterChanges votes;
    private final Consumer<String> nodeFailure;
    private final Controller controller;
    private final SecureRandom random = new SecureRandom();
    private final Map<Long, Message<ControllerCall>> asked = new HashMap<>();
    private final Queue<ControllerEvent> events = new ArrayDeque<>();
    private final Promise<Void> controllerKnown = Promise.promise();
    private long nextRequest;
    private boolean stepping;
    private long alertTicksLeft;
    private @Nullable MessageConsumer<ControllerCall> consumer;

    /**
     * @param votersMost how many nodes are to vote in the metadata log
     * @param nodeFailure told once, and why, when this node must stop; called on this verticle's event loop
     */
    public ControllerVerticle(
            ControllerConfig config,
            ConfigPolicy policy,
            MetadataLog log,
            int votersMost,
            MetadataPublisher images,
            Consumer<String> nodeFailure) {
        this.config = config;
        this.log = log;
        this.decommission = new Decommission(config.nodeId(), log, votersMost);
        this.votes = new VoterChanges(config.nodeId(), log);
        this.images = images;
        this.nodeFailure = nodeFailure;
        this.controller = new Controller(config, policy);
    }

    /** Completes when some node leads the metadata log: from then on requests are worth sending. */
    public Future<Void> controllerKnown() {
        return controllerKnown.future();
    }

    @Override
    public Future<?> start() {
        vertx.eventBus().registerCodec(new RecordCodec<>(ControllerCall.class, ControllerCall.CODEC));
        MessageConsumer<ControllerCall> taking = vertx.eventBus().consumer(Addresses.controller(config.nodeId()));
        consumer = taking.handler(this::onAsked);
        Future<Void> opened = vertx.executeBlocking(() -> {
            log.start(new LogEvents());
            return null;
        });
        vertx.setPeriodic(TICK_MS, any -> take(new Ticked()));
        return opened.compose(any -> taking.completion());
    }

    /** Membership has lost sight of a node. From any thread. */
    public void suspect(int nodeId) {
        Context mine = context;
        if (mine != null) {
            mine.runOnContext(any -> alerted(new Suspected(nodeId)));
        }
    }

    /** A connection to a node was refused. From any thread. */
    public void refused(int nodeId) {
        Context mine = context;
        if (mine != null) {
            mine.runOnContext(any -> alerted(new ControllerEvent.Refused(nodeId)));
        }
    }

    private void alerted(ControllerEvent event) {
        take(event);
        boolean calm = alertTicksLeft == 0;
        alertTicksLeft = ALERT_TICKS;
        if (calm) {
            vertx.setPeriodic(ALERT_TICK_MS, id -> {
                take(new Ticked());
                alertTicksLeft--;
                if (alertTicksLeft == 0) {
                    vertx.cancelTimer(id);
                }
            });
        }
    }

    @Override
    public Future<?> stop() {
        Future<Void> closed = vertx.executeBlocking(() -> {
            log.close();
            return null;
        });
        return consumer == null ? closed : consumer.unregister().eventually(() -> closed);
    }

    private void onAsked(Message<ControllerCall> message) {
        if (message.body() instanceof Ask ask && ask.request() instanceof UnregisterBroker unregister) {
            decommission
                    .expel(vertx, unregister.nodeId())
                    .onSuccess(expelled -> submit(message, unregister))
                    .onFailure(failure -> message.reply(refused(failure), ANSWER));
        } else if (message.body() instanceof Ask ask) {
            submit(message, ask.request());
        } else if (message.body() instanceof AskQuorum) {
            message.reply(new Quorum(log.describe()), ANSWER);
        } else if (message.body() instanceof AskVote asked) {
            votes.set(vertx, asked)
                    .onSuccess(outcome -> message.reply(new Answer(new Done(outcome), 0), ANSWER))
                    .onFailure(failure -> message.reply(refused(failure), ANSWER));
        }
    }

    private void submit(Message<ControllerCall> message, ControllerRequest request) {
        long id = nextRequest++;
        asked.put(id, message);
        take(new Submitted(id, request, new TopicIds.Seed(random.nextLong(), random.nextLong())));
    }

    private static Answer refused(Throwable failure) {
        Errors error =
                failure instanceof QuorumChange.ElsewhereException ? Errors.NOT_CONTROLLER : Errors.REQUEST_TIMED_OUT;
        return new Answer(new Refused(Outcome.refused(error, String.valueOf(failure.getMessage()))), 0);
    }

    /** Steps do not nest: what an effect sets off at once waits until the step's effects are done. */
    private void take(ControllerEvent event) {
        events.add(event);
        if (stepping) {
            return;
        }
        stepping = true;
        try {
            for (ControllerEvent next = events.poll(); next != null; next = events.poll()) {
                controller
                        .step(next, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))
                        .forEach(this::carryOut);
            }
        } finally {
            stepping = false;
        }
    }

    private void carryOut(ControllerEffect effect) {
        switch (effect) {
            case Append it -> append(it);
            case Publish it -> publish(it);
            case Reply it -> reply(it);
            case Resign it -> resign(it);
            case Fail it -> fail(it.reason());
        }
    }

    private void append(Append it) {
        // Success is heard of from the log, which tells the entry to every node: here only failure matters.
        log.append(it.entry()).whenComplete((index, failure) -> {
            if (failure != null) {
                context.runOnContext(any -> take(new AppendFailed(String.valueOf(failure.getMessage()))));
            }
        });
    }

    private void publish(Publish it) {
        images.publish(it.position(), it.image());
        if (it.image().controllerId() >= 0) {
            controllerKnown.tryComplete();
        }
    }

    private void reply(Reply it) {
        Message<ControllerCall> message = asked.remove(it.requestId());
        if (message != null) {
            message.reply(new Answer(it.reply(), it.version()), ANSWER);
        }
    }

    private void resign(Resign it) {
        LOG.warn("node={} gives up being the controller: {}", config.nodeId(), it.reason());
        log.resign().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.info("node={} was not the controller any more", config.nodeId(), failure);
            }
        });
    }

    private void fail(String reason) {
        LOG.error("node={} stops: {}", config.nodeId(), reason);
        controllerKnown.tryFail(reason);
        nodeFailure.accept(reason);
    }

    /** The log's threads come in here and leave events for the event loop. */
    private final class LogEvents implements MetadataLog.Listener {

        @Override
        public void onRestored(LogPosition position, byte[] snapshot) {
            context.runOnContext(any -> take(new Restored(position, snapshot)));
        }

        @Override
        public void onCommitted(LogPosition position, byte[] entry) {
            context.runOnContext(any -> take(new Committed(position, entry)));
        }

        @Override
        public void onLeadership(long term, int leaderId) {
            context.runOnContext(any -> take(new LeadershipChanged(term, leaderId)));
        }

        @Override
        public void onFailed(Throwable cause) {
            context.runOnContext(any -> {
                LOG.error("node={} has lost the metadata log", config.nodeId(), cause);
                fail("The metadata log failed: " + cause.getMessage());
            });
        }

        @Override
        public MetadataLog.Snapshot snapshot() {
            return images.snapshot();
        }
    }
}
