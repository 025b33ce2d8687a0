// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Chunk;
import io.tailrace.gateway.wire.View;
import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Hands out what one pass brought, to some members at a time: what else happens on the event loop, Kafka clients among it, does not wait for
 * ten thousand writes.
 */
final class Serving {

    /** About a millisecond of writing. */
    private static final int AT_ONCE = 128;

    private static final TailMember[] NOBODY = {};

    private final int partition;
    private final Map<View, Cohort> cohorts;
    private final Executor later;
    private final Iterator<Map.Entry<View, List<Chunk<Buffer>>>> views;

    /** Whose turn it is: members of a cohort, and what they get. */
    private Cohort cohort = new Cohort(false);

    private List<Chunk<Buffer>> chunks = List.of();
    private TailMember[] members = NOBODY;
    private int served;

    /** @param cohorts as they change; who joins while this goes on has read up to the end of it */
    Serving(int partition, Map<View, Cohort> cohorts, Map<View, List<Chunk<Buffer>>> chunks, Executor later) {
        this.partition = partition;
        this.cohorts = cohorts;
        this.later = later;
        this.views = chunks.entrySet().iterator();
    }

    void run(Runnable done) {
        for (int i = 0; i < AT_ONCE; i++) {
            while (served == members.length) {
                if (!views.hasNext()) {
                    done.run();
                    return;
                }
                turnTo(views.next());
            }
            serve(members[served++]);
        }
        later.execute(() -> run(done));
    }

    private void turnTo(Map.Entry<View, List<Chunk<Buffer>>> next) {
        Cohort found = cohorts.get(next.getKey());
        served = 0;
        members = NOBODY;
        if (found != null && !found.isNew()) {
            cohort = found;
            chunks = next.getValue();
            members = found.members();
        }
    }

    private void serve(TailMember member) {
        for (Chunk<Buffer> chunk : chunks) {
            if (cohort.contains(member)) {
                member.onTail(partition, chunk);
            }
        }
    }
}
