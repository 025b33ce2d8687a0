// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import io.tailrace.log.compaction.ClaimedPlan;
import java.util.Optional;
import java.util.Set;

/**
 * Asks for the log of a shard that needs compaction most. The one that is answered is claimed; a claim that nobody uses does no harm.
 *
 * @param except logs that are not to be answered
 */
public record FindCleanable(Set<PartitionKey> except) implements LogRequest<FindCleanable.Reply> {

    public FindCleanable {
        except = Set.copyOf(except);
    }

    public record Reply(Optional<Candidate> candidate) {}

    public record Candidate(PartitionKey partition, ClaimedPlan claimed) {}
}
