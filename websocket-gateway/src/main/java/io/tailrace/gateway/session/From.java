// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/** Where a subscriber asked to begin, in its own words. */
public sealed interface From {

    /** The same start in every partition. */
    record Everywhere(Start start) implements From {}

    /** An offset for each partition named; the others begin at their latest. */
    record Offsets(Map<Integer, Long> byPartition) implements From {}

    /** Tokens of the same topic; of two for one partition the later one holds. */
    record Tokens(Iterable<ResumeToken> tokens) implements From {}

    /**
     * What this means for a topic as it is now.
     *
     * <p>A partition that no token speaks of was created after they were made, so it is read from its beginning.
     *
     * @param partitions the ones subscribed to
     * @return by partition, all of {@code partitions}
     */
    default Map<Integer, Start> starts(Uuid topicId, Iterable<Integer> partitions) {
        Map<Integer, Start> starts = new TreeMap<>();
        switch (this) {
            case Everywhere it -> partitions.forEach(partition -> starts.put(partition, it.start()));
            case Offsets it ->
                partitions.forEach(partition -> {
                    Long offset = it.byPartition().get(partition);
                    starts.put(partition, offset == null ? new Start.Latest() : new Start.At(Position.at(offset)));
                });
            case Tokens it -> {
                partitions.forEach(partition -> starts.put(partition, new Start.Earliest()));
                for (ResumeToken token : it.tokens()) {
                    boolean same = token.topicId().equals(topicId);
                    for (ResumeToken.Mark mark : token.marks()) {
                        starts.computeIfPresent(
                                mark.partition(),
                                (partition, before) -> same
                                        ? new Start.At(mark.position())
                                        : new Start.AfterReplacement(mark.position(), mark.timestampMs()));
                    }
                }
            }
        }
        return starts;
    }
}
