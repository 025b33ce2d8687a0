// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The incremental fetch sessions of a node (KIP-227), bounded. A reader opens one with epoch 0, goes on with 1, 2, ..., and closes it with -1;
 * it then names only what changed, and is told only what changed.
 *
 * <p>Their memory is bounded too, by their partitions. When all slots are taken, a new session takes the one that was not used for two minutes or, failing that, one with fewer partitions than
 * its own: sessions save the more the larger they are. Whoever gets none fetches as before, and whoever lost his learns it by
 * FETCH_SESSION_ID_NOT_FOUND, and starts with a full fetch: nothing is skipped.
 *
 * <p>Safe from any thread.
 */
public final class FetchSessions {

    static final int NO_SESSION = 0;

    private static final int CLOSING_EPOCH = -1;
    private static final int OPENING_EPOCH = 0;
    private static final long EVICTION_MS = 120_000;

    /** A position, its target, their entry in the map. */
    private static final long PARTITION_BYTES = 160;

    private final int slots;
    private final long mostPartitions;
    private final IntSupplier ids;
    private final Map<Integer, FetchSession> sessions = new HashMap<>();

    /**
     * @param slots most sessions at once; 0 for none
     * @param mostPartitions of all sessions together; who would exceed it gets no session, or loses the one he has
     * @param ids random numbers for new sessions: nobody shall guess another's
     */
    public FetchSessions(int slots, long mostPartitions, IntSupplier ids) {
        this.slots = slots;
        this.mostPartitions = mostPartitions;
        this.ids = ids;
    }

    /** How many partitions an eighth of the heap holds. */
    public static long partitionsThatFit() {
        return Runtime.getRuntime().maxMemory() / 8 / PARTITION_BYTES;
    }

    /** What the request fetches. */
    public FetchPlan begin(FetchRequestData request, boolean byTopicId, long nowMs) {
        if (request.sessionEpoch() == CLOSING_EPOCH || request.sessionEpoch() == OPENING_EPOCH) {
            remove(request.sessionId());
            return request.sessionEpoch() == OPENING_EPOCH
                    ? open(request, byTopicId, nowMs)
                    : FetchPlan.full(null, listed(request, byTopicId));
        }
        FetchSession session = find(request.sessionId());
        if (session == null) {
            return FetchPlan.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.byTopicId() != byTopicId) {
            return FetchPlan.refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (!session.advance(request.sessionEpoch(), nowMs)) {
            return FetchPlan.refused(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        int before = session.size();
        session.update(request);
        if (session.size() > before && isOverfull()) {
            remove(session.id());
            return FetchPlan.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.size() == 0) {
            remove(session.id());
            return FetchPlan.full(null, List.of());
        }
        return FetchPlan.incremental(session);
    }

    /** How many sessions there are. */
    public synchronized int size() {
        return sessions.size();
    }

    /** How many partitions a session has; 0 if there is none of this id. */
    public int sizeOf(int sessionId) {
        FetchSession session = sessionId == NO_SESSION ? null : find(sessionId);
        return session == null ? 0 : session.size();
    }

    private synchronized boolean isOverfull() {
        return partitions() > mostPartitions;
    }

    private long partitions() {
        long partitions = 0;
        for (FetchSession session : sessions.values()) {
            partitions += session.size();
        }
        return partitions;
    }

    private FetchPlan open(FetchRequestData request, boolean byTopicId, long nowMs) {
        int size = request.topics().stream()
                .mapToInt(topic -> topic.partitions().size())
                .sum();
        Optional<FetchSession> session = size == 0 ? Optional.empty() : add(byTopicId, size, nowMs);
        if (session.isEmpty()) {
            return FetchPlan.full(null, listed(request, byTopicId));
        }
        session.get().update(request);
        return FetchPlan.full(session.get(), session.get().positions());
    }

    private static List<FetchPosition> listed(FetchRequestData request, boolean byTopicId) {
        List<FetchPosition> positions = new ArrayList<>();
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                positions.add(new FetchPosition(
                        FetchSession.target(byTopicId, topic.topicId(), topic.topic(), partition.partition()),
                        partition));
            }
        }
        return positions;
    }

    private synchronized Optional<FetchSession> add(boolean byTopicId, int size, long nowMs) {
        if (slots == 0 || size > mostPartitions || isFullFor(size) && !(evict(size, nowMs) && !isFullFor(size))) {
            return Optional.empty();
        }
        int id = ids.getAsInt();
        while (id == NO_SESSION || sessions.containsKey(id)) {
            id = ids.getAsInt();
        }
        FetchSession session = new FetchSession(id, byTopicId, nowMs);
        sessions.put(id, session);
        return Optional.of(session);
    }

    private boolean isFullFor(int size) {
        return sessions.size() >= slots || partitions() + size > mostPartitions;
    }

    /** Looks at every session, but only when a new one comes and all slots are taken. */
    private boolean evict(int newSize, long nowMs) {
        FetchSession oldest = sessions.values().stream()
                .min(Comparator.comparingLong(FetchSession::lastUsedMs))
                .orElseThrow();
        if (nowMs - oldest.lastUsedMs() > EVICTION_MS) {
            return sessions.remove(oldest.id(), oldest);
        }
        FetchSession smallest = sessions.values().stream()
                .min(Comparator.comparingInt(FetchSession::size))
                .orElseThrow();
        return smallest.size() < newSize && sessions.remove(smallest.id(), smallest);
    }

    private synchronized @Nullable FetchSession find(int id) {
        return sessions.get(id);
    }

    private synchronized void remove(int id) {
        sessions.remove(id);
    }
}
