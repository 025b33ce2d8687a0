// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** What a sticky assignment must not do: move a partition between members that were there before and still are. */
public final class Stickiness {

    private Stickiness() {}

    /**
     * The partitions that went from one member to another though both were there before and after, in words. A member that came may have been
     * given anything, and of one that is gone anything may have gone anywhere.
     *
     * @param before who read what, by member
     * @param after likewise
     */
    public static List<String> needlessMoves(
            Map<String, Set<TopicPartition>> before, Map<String, Set<TopicPartition>> after) {
        Map<TopicPartition, String> owners = new HashMap<>();
        after.forEach((member, share) -> share.forEach(partition -> owners.put(partition, member)));
        List<String> moves = new ArrayList<>();
        before.forEach((member, share) -> {
            if (after.containsKey(member)) {
                for (TopicPartition partition : share) {
                    String owner = owners.getOrDefault(partition, member);
                    if (!owner.equals(member) && before.containsKey(owner)) {
                        moves.add(partition + " went from " + member + " to " + owner);
                    }
                }
            }
        });
        return moves;
    }
}
