// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.wire.SharedDecoder.Pass;
import io.tailrace.gateway.wire.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Those of one event loop that stand at the end of a partition, however they look at it. Each of them costs a write for what it is shown, and
 * nothing at all for what it is not.
 *
 * <p>A tail has no memory. Who cannot take a chunk leaves, reads for itself from where it stands, and is back when it stands at the end again.
 *
 * <p>A view that appears while a pass of the {@link TailReader} goes on gets nothing of that pass; its members read once more for themselves,
 * unless they stand behind the pass already.
 */
final class Tail {

    private final TailReader reader;
    private final int partition;
    private final Later later;
    private final Runnable onClose;
    private final Map<View, Cohort> cohorts = new HashMap<>();

    /** Those that appeared during the pass that is under way. */
    private final List<View> fresh = new ArrayList<>();

    /** Behind the last pass that was served here. */
    private Position position = Position.at(0);

    /** The number of that pass, or of the last one before this tail came. */
    private long passed;

    private boolean serving;
    private boolean closed;

    Tail(TailReader reader, int partition, Later later, Runnable onClose) {
        this.reader = reader;
        this.partition = partition;
        this.later = later;
        this.onClose = onClose;
    }

    /** To be called once, before anything else; a tail that was not attached is of no use. */
    TailReader.Attached attach(Position at) {
        TailReader.Attached attached = reader.attach(this, at);
        if (attached instanceof TailReader.Attached.At here) {
            position = here.position();
            passed = here.told();
        }
        return attached;
    }

    /** Runs a task on this tail's event loop, behind others; from any thread. */
    void execute(Runnable task) {
        later.execute(task);
    }

    /** False if the tail is past the position already. */
    boolean join(TailMember member, View view, Position at) {
        if (at.offset() < position.offset()) {
            return false;
        }
        cohorts.computeIfAbsent(view, it -> {
                    boolean isNew = reader.add(it) > passed;
                    if (isNew) {
                        fresh.add(it);
                    }
                    return new Cohort(isNew);
                })
                .add(member, at);
        return true;
    }

    void leave(TailMember member, View view) {
        Cohort cohort = cohorts.get(view);
        if (cohort != null && cohort.remove(member)) {
            forget(view);
            if (cohorts.isEmpty() && !serving) {
                close();
            }
        }
    }

    private void forget(View view) {
        cohorts.remove(view);
        reader.remove(view);
    }

    /** @param number counts passes */
    void serve(Pass pass, long number) {
        if (closed) {
            reader.served();
            return;
        }
        serving = true;
        position = pass.next();
        new Serving(partition, cohorts, pass.chunks(), later).run(() -> served(pass, number));
    }

    private void served(Pass pass, long number) {
        serving = false;
        passed = number;
        pass.left().forEach(this::sendAway);
        for (View view : List.copyOf(fresh)) {
            settle(view);
        }
        fresh.clear();
        if (cohorts.isEmpty()) {
            close();
        }
        reader.served();
    }

    private void settle(View view) {
        Cohort cohort = cohorts.get(view);
        if (cohort == null) {
            return;
        }
        Map<TailMember, Position> missed = cohort.settle(position);
        if (cohort.isEmpty()) {
            forget(view);
        }
        missed.forEach((member, at) -> member.onTailMissed(partition, at));
    }

    /** The reader has ended: everybody reads for itself. */
    void end() {
        if (!closed) {
            closed = true;
            onClose.run();
            for (View view : List.copyOf(cohorts.keySet())) {
                sendAway(view, position);
            }
        }
    }

    private void sendAway(View view, Position served) {
        Cohort cohort = cohorts.get(view);
        if (cohort != null) {
            forget(view);
            for (TailMember member : cohort.members()) {
                member.onTailMissed(partition, cohort.served(member, served));
            }
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            reader.detach(this);
        }
    }
}
