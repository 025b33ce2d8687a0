// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.cluster.replication.FetchAnswer;
import io.tailrace.cluster.replication.FetchPosition;
import io.tailrace.log.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * The bytes of a {@link ReplicaMessage}. Big-endian; the first byte is the kind.
 *
 * <pre>
 * 5 Fetch    follower int, broker epoch long, max wait int, max bytes int, count int,
 *            each: topic id 16, partition int, leader epoch int, fetch offset long, last fetched epoch int,
 *                  log start long                                                                              (44 bytes)
 * 6 Fetched  count int,
 *            each: error short, high watermark long, log start long, diverging epoch int, its end long, records base long,
 *                  length int                                                                                 (42 bytes)
 *            then the records of each
 * 3 Release  follower int
 * </pre>
 *
 * <p>1 was a fetch without log starts, 4 one with one thing more, 2 an answer with each result's records behind it. All that is small comes first,
 * so that records can be written from where they lie ({@link #encodeHead}). A diverging epoch of -1 with an end of -1 stands for none.
 */
public final class ReplicaCodec {

    private static final byte FETCH = 5;
    private static final byte FETCHED = 6;
    private static final byte RELEASE = 3;

    private static final int FETCH_BYTES = 25;
    private static final int PART_BYTES = 44;
    private static final int RESULT_BYTES = 42;

    private ReplicaCodec() {}

    /** The length of {@link #encode}'s result. */
    public static int sizeBytes(ReplicaMessage message) {
        int bytes = headBytes(message);
        if (message instanceof ReplicaMessage.Fetched fetched) {
            for (ReplicaMessage.Result result : fetched.results()) {
                bytes += result.records().remaining();
            }
        }
        return bytes;
    }

    /** The length of what {@link #encodeHead} writes. */
    public static int headBytes(ReplicaMessage message) {
        return switch (message) {
            case ReplicaMessage.Fetch it -> FETCH_BYTES + it.parts().size() * PART_BYTES;
            case ReplicaMessage.Fetched it -> 5 + it.results().size() * RESULT_BYTES;
            case ReplicaMessage.Release it -> 5;
        };
    }

    /** From position to limit of a buffer of its own. */
    public static ByteBuffer encode(ReplicaMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(sizeBytes(message));
        encode(message, bytes);
        return bytes.flip();
    }

    /** Writes from the buffer's position on; {@link #sizeBytes} must be left in it. */
    public static void encode(ReplicaMessage message, ByteBuffer bytes) {
        encodeHead(message, bytes);
        if (message instanceof ReplicaMessage.Fetched fetched) {
            fetched.results().forEach(result -> bytes.put(result.records().duplicate()));
        }
    }

    /** Writes all but records, which are to follow in the order of the results; {@link #headBytes} must be left in the buffer. */
    public static void encodeHead(ReplicaMessage message, ByteBuffer bytes) {
        switch (message) {
            case ReplicaMessage.Fetch it -> {
                bytes.put(FETCH)
                        .putInt(it.followerId())
                        .putLong(it.brokerEpoch())
                        .putInt(it.maxWaitMs())
                        .putInt(it.maxBytes())
                        .putInt(it.parts().size());
                it.parts().forEach(part -> put(bytes, part));
            }
            case ReplicaMessage.Fetched it -> {
                bytes.put(FETCHED).putInt(it.results().size());
                it.results().forEach(result -> put(bytes, result));
            }
            case ReplicaMessage.Release it -> bytes.put(RELEASE).putInt(it.followerId());
        }
    }

    private static void put(ByteBuffer bytes, ReplicaMessage.Part part) {
        bytes.putLong(part.topicId().getMostSignificantBits())
                .putLong(part.topicId().getLeastSignificantBits())
                .putInt(part.partition())
                .putInt(part.position().leaderEpoch())
                .putLong(part.position().fetchOffset())
                .putInt(part.position().lastFetchedEpoch())
                .putLong(part.position().logStartOffset());
    }

    private static void put(ByteBuffer bytes, ReplicaMessage.Result result) {
        FetchAnswer answer = result.answer();
        EpochEnd diverging = answer.diverging() == null ? EpochEnd.UNDEFINED : answer.diverging();
        bytes.putShort(answer.error().code())
                .putLong(answer.highWatermark())
                .putLong(answer.logStartOffset())
                .putInt(diverging.epoch())
                .putLong(diverging.endOffset())
                .putLong(answer.recordsBaseOffset())
                .putInt(result.records().remaining());
    }

    /**
     * Reads one message, from position to limit. Records are slices of {@code bytes}.
     *
     * @throws IllegalArgumentException if these are not the bytes of a message; nothing is allocated for what is not there
     */
    public static ReplicaMessage decode(ByteBuffer bytes) {
        try {
            byte kind = bytes.get();
            return switch (kind) {
                case FETCH -> {
                    int follower = bytes.getInt();
                    long brokerEpoch = bytes.getLong();
                    int maxWaitMs = bytes.getInt();
                    int maxBytes = bytes.getInt();
                    int count = count(bytes, PART_BYTES);
                    List<ReplicaMessage.Part> parts = new ArrayList<>(count);
                    for (int i = 0; i < count; i++) {
                        parts.add(part(bytes));
                    }
                    yield new ReplicaMessage.Fetch(follower, brokerEpoch, maxWaitMs, maxBytes, parts);
                }
                case FETCHED -> {
                    int count = count(bytes, RESULT_BYTES);
                    ByteBuffer records = bytes.slice(
                            bytes.position() + count * RESULT_BYTES, bytes.remaining() - count * RESULT_BYTES);
                    List<ReplicaMessage.Result> results = new ArrayList<>(count);
                    for (int i = 0; i < count; i++) {
                        results.add(result(bytes, records));
                    }
                    bytes.position(bytes.position() + records.position());
                    yield new ReplicaMessage.Fetched(results);
                }
                case RELEASE -> new ReplicaMessage.Release(bytes.getInt());
                default -> throw new IllegalArgumentException("a replica message of kind " + kind + " is not known");
            };
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("the replica message is cut short", e);
        }
    }

    private static int count(ByteBuffer bytes, int bytesEach) {
        int count = bytes.getInt();
        if (count < 0 || count > bytes.remaining() / bytesEach) {
            throw new IllegalArgumentException(
                    "the replica message says " + count + " items and has " + bytes.remaining() + " bytes");
        }
        return count;
    }

    private static ReplicaMessage.Part part(ByteBuffer bytes) {
        Uuid topicId = new Uuid(bytes.getLong(), bytes.getLong());
        int partition = bytes.getInt();
        return new ReplicaMessage.Part(
                topicId,
                partition,
                new FetchPosition(bytes.getInt(), bytes.getLong(), bytes.getInt(), bytes.getLong()));
    }

    private static ReplicaMessage.Result result(ByteBuffer bytes, ByteBuffer allRecords) {
        Errors error = Errors.forCode(bytes.getShort());
        long highWatermark = bytes.getLong();
        long logStartOffset = bytes.getLong();
        EpochEnd diverging = new EpochEnd(bytes.getInt(), bytes.getLong());
        long baseOffset = bytes.getLong();
        int length = bytes.getInt();
        if (length < 0 || length > allRecords.remaining()) {
            throw new IllegalArgumentException("the replica message says " + length + " bytes of records and has "
                    + allRecords.remaining() + " left");
        }
        ByteBuffer records = allRecords.slice(allRecords.position(), length);
        allRecords.position(allRecords.position() + length);
        return new ReplicaMessage.Result(
                new FetchAnswer(
                        error,
                        highWatermark,
                        logStartOffset,
                        diverging.isDefined() || diverging.endOffset() >= 0 ? diverging : null,
                        baseOffset),
                records);
    }
}
