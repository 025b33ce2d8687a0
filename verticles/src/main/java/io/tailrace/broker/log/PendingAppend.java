// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.cluster.bus.Append;
import java.util.Arrays;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** One append request on its way through a shard: which of its parts are decided. */
final class PendingAppend extends DeadlineWheel.Deadline {

    /** One part that waits: the handle that the partition's machine hands back. Compared by identity. */
    static final class Ticket {
        final PendingAppend append;
        final int part;
        final HostedPartition partition;

        Ticket(PendingAppend append, int part, HostedPartition partition) {
            this.append = append;
            this.part = part;
            this.partition = partition;
        }
    }

    private final Appends host;
    private final Call<?> call;
    private final Append request;
    private final Append.Result[] results;
    private final @Nullable Ticket[] tickets;
    private int undecided;
    private boolean waiting;

    PendingAppend(Appends host, Call<?> call, Append request) {
        this.host = host;
        this.call = call;
        this.request = request;
        int count = request.parts().size();
        this.results = new Append.Result[count];
        this.tickets = new Ticket[count];
        this.undecided = count;
    }

    Append request() {
        return request;
    }

    Call<?> call() {
        return call;
    }

    Ticket ticket(int part, HostedPartition partition) {
        return tickets[part] = new Ticket(this, part, partition);
    }

    /** Notes what the log said; it counts once {@link #acknowledge} is called. */
    void appended(int part, Append.Result result) {
        results[part] = result;
    }

    void acknowledge(int part) {
        undecided--;
    }

    void refuse(int part, Append.Result result) {
        results[part] = result;
        undecided--;
    }

    void refuse(int part, Errors error) {
        refuse(part, Append.Result.refused(error));
    }

    /** Whether it is answered when its last part is decided. */
    boolean isWaiting() {
        return waiting;
    }

    void waiting(boolean now) {
        waiting = now;
    }

    boolean isDecided() {
        return undecided == 0;
    }

    Append.Reply reply() {
        return new Append.Reply(Arrays.asList(results));
    }

    /** The parts that were given to a log; the others are null. */
    @Nullable
    Ticket[] tickets() {
        return tickets;
    }

    @Override
    void expire(long nowMs) {
        host.onExpired(this, nowMs);
    }
}
