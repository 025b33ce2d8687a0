// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.append;

import io.tailrace.log.AppendOrigin;
import io.tailrace.log.LogConfig;

/**
 * What an append is prepared for.
 *
 * @param config of the topic
 * @param origin who asks
 * @param nextOffset the offset of the first record; the least it may have when replicated
 * @param leaderEpoch stamped on what this node leads; the greatest a replicated batch may have, or -1 for any
 * @param nowMs the clock
 */
public record AppendTerms(LogConfig config, AppendOrigin origin, long nextOffset, int leaderEpoch, long nowMs) {

    boolean isReplicated() {
        return origin == AppendOrigin.REPLICATION;
    }
}
