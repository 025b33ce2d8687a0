// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import org.apache.kafka.common.Uuid;

/**
 * A partition as a fetch names it: by topic id from version 13 on, by topic name before.
 *
 * @param topicId zero if named
 * @param topic empty if identified
 */
public record FetchTarget(Uuid topicId, String topic, int partition) {

    /** Whether two targets are of one topic, and so belong under one heading of the response. */
    public boolean isSameTopic(FetchTarget other) {
        return topicId.equals(other.topicId) && topic.equals(other.topic);
    }
}
