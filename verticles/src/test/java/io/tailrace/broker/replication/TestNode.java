// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.log.PartitionLogVerticle;
import io.tailrace.broker.log.ScrubRules;
import io.tailrace.broker.log.ScrubVerticle;
import io.tailrace.broker.log.ShardPorts;
import io.tailrace.broker.log.ShardRules;
import io.tailrace.broker.metrics.LogMeters;
import io.tailrace.broker.peer.PeerAddress;
import io.tailrace.broker.peer.PeerSecret;
import io.tailrace.broker.peer.PeerVerticle;
import io.tailrace.cluster.bus.Append;
import io.tailrace.cluster.bus.ByteBudget;
import io.tailrace.cluster.bus.DeleteRecords;
import io.tailrace.cluster.bus.DescribePartitions;
import io.tailrace.cluster.bus.Isolation;
import io.tailrace.cluster.bus.LogRequest;
import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.cluster.bus.Read;
import io.tailrace.cluster.bus.ReadGate;
import io.tailrace.cluster.config.BrokerKeys;
import io.tailrace.cluster.config.ConfigLayers;
import io.tailrace.cluster.config.ConfigSchema;
import io.tailrace.log.LogDirectories;
import io.tailrace.log.LogSlice;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** The log shards of one node, and what copies to and from them: real threads, real files, a real bus. */
final class TestNode implements AutoCloseable {

    private static final long REPLICA_LAG_MAX_MS = 1_500;
    private static final int SHARDS = 2;

    private static final ConfigSchema KEYS =
            ConfigSchema.of(BrokerKeys.defineGroupDefaults(BrokerKeys.defineTopicDefaults(new ConfigDef())));

    private final int id;
    private final Vertx vertx = Vertx.vertx();
    private final Bus bus;
    private final TestController controller;
    private final Uuid incarnation = Uuid.randomUuid();
    private final FailingDisk disk = new FailingDisk();
    private volatile boolean inTouch = true;
    private final List<String> deployed = new ArrayList<>();

    TestNode(int id, Path directory, TestController controller, TestWire wire) {
        this(id, directory, controller);
        join(wire);
    }

    /** The log shards alone; to {@link #join} later. */
    TestNode(int id, Path directory, TestController controller) {
        this.id = id;
        this.controller = controller;
        this.bus = new Bus(vertx, id, SHARDS);
        LogDirectories directories = LogDirectories.open(disk, directories(directory));
        ShardRules rules = new ShardRules(id, 64, 0, 60_000, 86_400_000, REPLICA_LAG_MAX_MS, true);
        ShardPorts ports = new ShardPorts(
                bus,
                controller,
                directories,
                image -> ConfigLayers.of(image, id, KEYS, Map.of()),
                new LogMeters(new SimpleMeterRegistry()),
                broken -> {
                    throw new AssertionError("node " + id, broken);
                },
                () -> {},
                controller,
                incarnation,
                () -> inTouch);
        for (int shard = 0; shard < SHARDS; shard++) {
            deployed.add(await(vertx.deployVerticle(
                    new PartitionLogVerticle(shard, rules, ports), PartitionLogVerticle.options(shard))));
        }
    }

    /** Registers the node, and begins to copy. */
    void join(TestWire wire) {
        join(wire, 100 << 20);
    }

    /** @param mendingBytesPerSecond how fast logs that were rotten are copied anew */
    void join(TestWire wire, long mendingBytesPerSecond) {
        join(wire.of(id, vertx), mendingBytesPerSecond);
    }

    /** Registers the node, and begins to copy by sockets. */
    void join(Map<Integer, PeerAddress> addresses) {
        PeerVerticle port = new PeerVerticle(addresses.get(id), new PeerSecret("a secret of the test"));
        deployed.add(await(vertx.deployVerticle(port)));
        LinkReplicaTransport.Nodes nodes =
                new LinkReplicaTransport.Nodes(port, node -> Optional.ofNullable(addresses.get(node)));
        join(new LinkReplicaTransport(vertx, nodes), 100 << 20);
    }

    private void join(ReplicaTransport transport, long mendingBytesPerSecond) {
        controller.join(id, incarnation);
        ReplicaPorts copying = new ReplicaPorts(
                id, incarnation, bus, controller, transport, REPLICA_LAG_MAX_MS, mendingBytesPerSecond);
        deployed.add(await(vertx.deployVerticle(new ReplicaServerVerticle(copying), ReplicaServerVerticle.options())));
        deployed.add(await(vertx.deployVerticle(new ReplicaFetcherVerticle(copying))));
    }

    /** Looks for rot all the time. */
    void scrub() {
        deployed.add(await(vertx.deployVerticle(
                new ScrubVerticle(bus, disk, new ScrubRules(100, 100 << 20)), ScrubVerticle.options())));
    }

    /** Two, so that a node outlives the loss of one. */
    private static List<Path> directories(Path directory) {
        return List.of(directory.resolve("a"), directory.resolve("b"));
    }

    FailingDisk disk() {
        return disk;
    }

    /** Appends one record with acks=all; what became of it. */
    Append.Result append(PartitionKey partition, String value, long timeoutMs) {
        return append(partition, MemoryRecords.withRecords(Compression.NONE, record(value)), timeoutMs);
    }

    /**
     * As above, by an idempotent producer: the same once more, after an answer that leaves open what became of it, is no second record.
     *
     * @param sequence counts what the producer writes to the partition, from 0
     */
    Append.Result append(PartitionKey partition, String value, long producerId, int sequence, long timeoutMs) {
        MemoryRecords records =
                MemoryRecords.withIdempotentRecords(Compression.NONE, producerId, (short) 0, sequence, record(value));
        return append(partition, records, timeoutMs);
    }

    private static SimpleRecord record(String value) {
        return new SimpleRecord(value.getBytes(StandardCharsets.UTF_8));
    }

    private Append.Result append(PartitionKey partition, MemoryRecords records, long timeoutMs) {
        Append append = new Append(
                Append.Origin.CLIENT,
                (short) -1,
                System.currentTimeMillis() + timeoutMs,
                List.of(new Append.Part(partition, -1, records.buffer())));
        return ask(partition, append).results().get(0);
    }

    /** Deletes what is below the offset. */
    Future<DeleteRecords.Reply> delete(PartitionKey partition, long beforeOffset, long timeoutMs) {
        long deadlineMs = System.currentTimeMillis() + timeoutMs;
        return bus.ask(
                bus.shardOf(partition),
                new DeleteRecords(deadlineMs, List.of(new DeleteRecords.Part(partition, beforeOffset))));
    }

    /** What a consumer sees from the start on. */
    List<String> consumed(PartitionKey partition) {
        return consumed(partition, false);
    }

    /** @param fromAnyReplica whether it may follow */
    List<String> consumed(PartitionKey partition, boolean fromAnyReplica) {
        List<String> values = new ArrayList<>();
        long offset = 0;
        while (true) {
            Read.Result result = read(partition, offset, fromAnyReplica);
            if (result.error() != Errors.NONE) {
                throw new AssertionError(result.error());
            }
            if (result.records().isEmpty()) {
                return values;
            }
            ByteBuffer bytes = ByteBuffer.allocate(result.records().sizeBytes());
            for (LogSlice slice : result.records().slices()) {
                slice.copyTo(bytes);
            }
            offset = result.records().endOffset();
            result.records().release();
            for (Record record : MemoryRecords.readableRecords(bytes.flip()).records()) {
                values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
            }
        }
    }

    /** Whether the node believes that the controller hears of it. */
    void inTouch(boolean is) {
        inTouch = is;
    }

    /** What a consumer is told that goes on at an offset. */
    Errors fetched(PartitionKey partition, long offset) {
        Read.Result result = read(partition, offset, false);
        result.records().release();
        return result.error();
    }

    private Read.Result read(PartitionKey partition, long offset, boolean fromAnyReplica) {
        Read read = new Read(
                Isolation.READ_UNCOMMITTED,
                0,
                new ReadGate(0),
                new ByteBudget(1 << 20),
                List.of(new Read.Part(partition, offset, 1 << 20, -1, -1)),
                null,
                fromAnyReplica);
        return ask(partition, read).results().get(0);
    }

    /** Where the log and the high watermark are; empty while the partition is not on disk here. */
    Optional<DescribePartitions.Partition> described(PartitionKey partition) {
        return await(bus.ask(bus.shardOf(partition), new DescribePartitions())).partitions().stream()
                .filter(found -> found.key().equals(partition))
                .findFirst();
    }

    int shardOf(PartitionKey partition) {
        return bus.shardOf(partition);
    }

    private <R> R ask(PartitionKey partition, LogRequest<R> request) {
        return await(bus.ask(bus.shardOf(partition), request));
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        for (int last = deployed.size() - 1; last >= 0; last--) {
            await(vertx.undeploy(deployed.get(last)));
        }
        await(vertx.close());
    }
}
