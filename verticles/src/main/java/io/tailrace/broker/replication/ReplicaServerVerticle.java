// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.tailrace.broker.api.fetch.FetchExchange;
import io.tailrace.broker.bus.PendingAnswers;
import io.tailrace.cluster.bus.FoundCorrupt;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReplicaMessage;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.ReplicationThrottle;
import io.tailrace.log.LogRead;
import io.tailrace.log.LogSlice;
import io.tailrace.log.disk.StorageException;
import io.tailrace.log.epoch.EpochEnd;
import io.tailrace.protocol.record.BatchChecks;
import io.tailrace.protocol.record.BatchVerdict;
import io.tailrace.protocol.record.RecordBatchView;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the fetches of followers: one long poll over all log shards, then the records are read into memory that the socket takes them from, and
 * checked there. On a worker thread of its own, since that may touch the disk.
 *
 * <p><b>Bounds.</b> One fetch of a follower waits at a time: a second one releases the first. An answer holds {@link #MAX_BYTES}, or one batch.
 *
 * <p>Every batch is checked against its CRC before it leaves: what is rotten here must not spread, so the follower is told that this log is
 * broken, and asks again until another node leads.
 *
 * <p>What is throttled ({@link ReplicationThrottle}) is asked for without records while there is nothing left of the rate, and the wait ends when
 * there is again.
 */
public final class ReplicaServerVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaServerVerticle.class);

    /** Of one answer. */
    static final int MAX_BYTES = 4 << 20;

    /** Of one partition in it, so that none keeps the others waiting. */
    private static final int MAX_PARTITION_BYTES = 1 << 20;

    private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);
    private static final boolean[] NOT_THROTTLED = {};

    private final ReplicaPorts ports;
    private final Map<Integer, FetchExchange> waiting = new HashMap<>();
    private final PendingAnswers pending = new PendingAnswers();
    private ReplicaTransport.Service service = () -> Future.succeededFuture();
    private final RecordBatchView view = new RecordBatchView();
    private final ReplicationThrottle throttle;

    public ReplicaServerVerticle(ReplicaPorts ports) {
        this.ports = ports;
        this.throttle = new ReplicationThrottle(ReplicationThrottle.Side.LEADER, ports.nodeId());
    }

    /** How it is to be deployed. */
    public static DeploymentOptions options() {
        return new DeploymentOptions()
                .setThreadingModel(ThreadingModel.WORKER)
                .setWorkerPoolName("tailrace-replica")
                .setWorkerPoolSize(1);
    }

    @Override
    public Future<?> start() {
        return ports.transport()
                .serve(ports.nodeId(), this::onFetch, this::onRelease)
                .onSuccess(reachable -> service = reachable);
    }

    private Future<ReplicaTransport.Answer> onFetch(ReplicaMessage.Fetch fetch) {
        ClusterImage image = ports.metadata().image();
        long nowMs = System.currentTimeMillis();
        throttle.follow(image, nowMs);
        boolean[] throttled = throttled(fetch, image);
        long openAtMs = throttle.openAtMs(nowMs);
        long deadlineMs = nowMs + Math.max(0, fetch.maxWaitMs());
        FetchExchange exchange = new FetchExchange(
                ports.bus(),
                Isolation.LOG_END,
                throttled.length == 0 || openAtMs == nowMs ? deadlineMs : Math.min(deadlineMs, openAtMs),
                Math.min(fetch.maxBytes(), MAX_BYTES),
                fetch.parts().size(),
                new Read.Follower(fetch.followerId(), fetch.brokerEpoch()));
        for (int i = 0; i < fetch.parts().size(); i++) {
            boolean heldBack = throttled.length > 0 && throttled[i] && openAtMs > nowMs;
            ask(exchange, i, fetch.parts().get(i), heldBack, image);
        }
        FetchExchange before = waiting.put(fetch.followerId(), exchange);
        if (before != null) {
            before.endWaiting();
        }
        Future<ReplicaTransport.Answer> answered = exchange.run(1).map(results -> {
            waiting.remove(fetch.followerId(), exchange);
            pay(throttled, results);
            return answer(fetch, results);
        });
        pending.await(exchange.settled());
        return answered;
    }

    @Override
    public Future<?> stop() {
        return service.end().eventually(() -> {
            waiting.values().forEach(FetchExchange::endWaiting);
            return pending.settled(context);
        });
    }

    /** Which parts are; of no length if none is, as nearly always. */
    private boolean[] throttled(ReplicaMessage.Fetch fetch, ClusterImage image) {
        boolean[] throttled = NOT_THROTTLED;
        for (int i = 0; throttle.isLimited() && i < fetch.parts().size(); i++) {
            ReplicaMessage.Part part = fetch.parts().get(i);
            if (image.topic(part.topicId())
                    .filter(topic -> throttle.concerns(topic, part.partition(), fetch.followerId()))
                    .isPresent()) {
                throttled = throttled.length == 0 ? new boolean[fetch.parts().size()] : throttled;
                throttled[i] = true;
            }
        }
        return throttled;
    }

    private void pay(boolean[] throttled, Read.Result[] results) {
        long bytes = 0;
        for (int i = 0; i < throttled.length; i++) {
            bytes += throttled[i] ? results[i].records().sizeBytes() : 0;
        }
        throttle.passed(bytes, System.currentTimeMillis());
    }

    private static void ask(
            FetchExchange exchange, int index, ReplicaMessage.Part part, boolean heldBack, ClusterImage image) {
        Optional<TopicImage> topic = image.topic(part.topicId());
        if (topic.isEmpty()) {
            exchange.refuse(index, Errors.UNKNOWN_TOPIC_ID);
            return;
        }
        exchange.ask(
                index,
                new Read.Part(
                        PartitionKey.of(topic.get(), part.partition()),
                        part.position().fetchOffset(),
                        heldBack ? Read.Part.HELD_BACK : MAX_PARTITION_BYTES,
                        part.position().leaderEpoch(),
                        part.position().lastFetchedEpoch(),
                        part.position().logStartOffset()));
    }

    private void onRelease(ReplicaMessage.Release release) {
        FetchExchange exchange = waiting.get(release.followerId());
        if (exchange != null) {
            exchange.endWaiting();
        }
    }

    private ReplicaTransport.Answer answer(ReplicaMessage.Fetch fetch, Read.Result[] results) {
        List<ReplicaMessage.Result> answers = new ArrayList<>(results.length);
        List<ByteBuf> memory = new ArrayList<>();
        int next = 0;
        try {
            while (next < results.length) {
                int part = next++; // read() gives back what it is given, also where it fails
                answers.add(answer(fetch.parts().get(part), results[part], memory));
            }
        } catch (RuntimeException | OutOfMemoryError failure) {
            memory.forEach(ByteBuf::release);
            for (int left = next; left < results.length; left++) {
                results[left].records().release();
            }
            throw failure;
        }
        return new ReplicaTransport.Answer(new ReplicaMessage.Fetched(answers), () -> memory.forEach(ByteBuf::release));
    }

    private ReplicaMessage.Result answer(ReplicaMessage.Part part, Read.Result result, List<ByteBuf> memory) {
        ByteBuffer records = result.records().isEmpty() ? NO_RECORDS : read(part, result.records(), memory);
        if (records == null) {
            foundCorrupt(part);
            return new ReplicaMessage.Result(FetchAnswer.refused(Errors.KAFKA_STORAGE_ERROR), NO_RECORDS);
        }
        Read.Divergence diverging = result.diverging();
        return new ReplicaMessage.Result(
                new FetchAnswer(
                        result.error(),
                        result.highWatermark(),
                        result.logStartOffset(),
                        diverging == null ? null : new EpochEnd(diverging.epoch(), diverging.endOffset()),
                        records.hasRemaining() ? result.records().baseOffset() : -1),
                records);
    }

    /** The shard has to know: this node must not lead with it for longer than needed. */
    private void foundCorrupt(ReplicaMessage.Part part) {
        ports.metadata().image().topic(part.topicId()).ifPresent(topic -> {
            PartitionKey key = PartitionKey.of(topic, part.partition());
            pending.await(ports.bus().ask(ports.bus().shardOf(key), new FoundCorrupt(key)))
                    .onFailure(lost -> LOG.warn("topicId={}: the shard does not hear of it", part.topicId(), lost));
        });
    }

    /** The bytes, sound; null if they are not. */
    private @Nullable ByteBuffer read(ReplicaMessage.Part part, LogRead.Records found, List<ByteBuf> memory) {
        ByteBuffer bytes;
        try {
            ByteBuf room = PooledByteBufAllocator.DEFAULT.directBuffer(found.sizeBytes());
            memory.add(room);
            bytes = room.nioBuffer(0, found.sizeBytes());
            for (LogSlice slice : found.slices()) {
                slice.copyTo(bytes);
            }
        } catch (StorageException unreadable) {
            LOG.error(
                    "topicId={} partition={}: cannot be read for a follower",
                    part.topicId(),
                    part.partition(),
                    unreadable);
            return null;
        } finally {
            found.release();
        }
        bytes.flip();
        BatchVerdict verdict = BatchVerdict.VALID;
        view.over(bytes);
        while (verdict == BatchVerdict.VALID && view.next()) {
            verdict = BatchChecks.integrity(view);
        }
        view.clear();
        if (verdict != BatchVerdict.VALID) {
            LOG.error(
                    "topicId={} partition={}: corrupt at or after offset {}: {}",
                    part.topicId(),
                    part.partition(),
                    found.baseOffset(),
                    verdict.message());
            return null;
        }
        return bytes;
    }
}
