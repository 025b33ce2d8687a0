// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.replication;

import io.tailrace.cluster.bus.FollowerTurn;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.replication.ReplicationThrottle;
import io.tailrace.cluster.replication.TokenBucket;
import java.util.List;

/**
 * What this node copies no faster than it may: moving replicas at the rate that an operator sets (KIP-73), and what was rotten and is copied anew at the
 * rate of the scrub ({@code log.scrub.io.max.bytes.per.second}), since nobody has asked for that. What is in sync is never held back.
 *
 * <p>Shared by the fetchers of a node; on their context.
 */
final class CopyPace {

    private final int nodeId;
    private final ReplicationThrottle throttle;
    private final TokenBucket mending = new TokenBucket();
    private ClusterImage image = ClusterImage.empty("");

    /** @param mendingBytesPerSecond for logs that were rotten */
    CopyPace(int nodeId, long mendingBytesPerSecond, long nowMs) {
        this.nodeId = nodeId;
        this.throttle = new ReplicationThrottle(ReplicationThrottle.Side.FOLLOWER, nodeId);
        mending.rate(mendingBytesPerSecond, nowMs);
    }

    void follow(ClusterImage newest, long nowMs) {
        image = newest;
        throttle.follow(newest, nowMs);
    }

    /** When nothing has to wait any more that has to now; {@code nowMs} if nothing has. */
    long openAtMs(long nowMs) {
        return Math.max(throttle.openAtMs(nowMs), mending.openAtMs(nowMs));
    }

    /** Whether it is not to be asked for now. */
    boolean holdsBack(FollowerTurn.Position position, long nowMs) {
        return (position.mending() && mending.openAtMs(nowMs) > nowMs)
                || (throttle.openAtMs(nowMs) > nowMs && isThrottled(position));
    }

    /** This came for the positions. */
    void passed(List<FollowerTurn.Position> positions, List<FollowerTurn.Answer> answers, long nowMs) {
        long mended = 0;
        long throttled = 0;
        for (int i = 0; i < positions.size(); i++) {
            int bytes = answers.get(i).records().remaining();
            mended += positions.get(i).mending() ? bytes : 0;
            throttled += bytes > 0 && isThrottled(positions.get(i)) ? bytes : 0;
        }
        mending.take(mended, nowMs);
        throttle.passed(throttled, nowMs);
    }

    private boolean isThrottled(FollowerTurn.Position position) {
        return throttle.isLimited()
                && image.topic(position.partition().topicId())
                        .filter(topic ->
                                throttle.concerns(topic, position.partition().partition(), nodeId))
                        .isPresent();
    }
}
