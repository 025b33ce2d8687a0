// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;

/**
 * What one reader fetches from this node, kept between its requests (KIP-227). It has at most one request in flight; the lock is for those who
 * do not keep to that.
 */
final class FetchSession {

    private final int id;
    private final boolean byTopicId;
    private final Map<FetchTarget, FetchPosition> positions = new LinkedHashMap<>();
    private int nextEpoch = 1;
    private volatile long lastUsedMs;
    private volatile int size;

    FetchSession(int id, boolean byTopicId, long nowMs) {
        this.id = id;
        this.byTopicId = byTopicId;
        this.lastUsedMs = nowMs;
    }

    int id() {
        return id;
    }

    boolean byTopicId() {
        return byTopicId;
    }

    long lastUsedMs() {
        return lastUsedMs;
    }

    int size() {
        return size;
    }

    /** Takes the next request's epoch if it is the expected one. Epochs wrap to 1: 0 opens a session and -1 closes it. */
    synchronized boolean advance(int epoch, long nowMs) {
        if (epoch != nextEpoch) {
            return false;
        }
        nextEpoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
        lastUsedMs = nowMs;
        return true;
    }

    synchronized void update(FetchRequestData request) {
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                FetchTarget target = target(byTopicId, topic.topicId(), topic.topic(), partition.partition());
                FetchPosition position = positions.get(target);
                if (position == null) {
                    positions.put(target, new FetchPosition(target, partition));
                } else {
                    position.update(partition);
                }
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                positions.remove(target(byTopicId, topic.topicId(), topic.topic(), partition));
            }
        }
        size = positions.size();
    }

    synchronized List<FetchPosition> positions() {
        return new ArrayList<>(positions.values());
    }

    /** Moves those that gave data behind those that did not, so that none starves when an answer is full. */
    synchronized void served(List<FetchPosition> gaveData) {
        for (FetchPosition position : gaveData) {
            if (positions.remove(position.target(), position)) {
                positions.put(position.target(), position);
            }
        }
    }

    static FetchTarget target(boolean byTopicId, Uuid topicId, String topic, int partition) {
        return byTopicId ? new FetchTarget(topicId, "", partition) : new FetchTarget(Uuid.ZERO_UUID, topic, partition);
    }
}
