// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Send;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What all clients did, in the order in which they knew the end of it. Safe from any thread. */
final class History {

    private final long beganNanos = System.nanoTime();
    private final List<Operation> operations = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    /** Milliseconds since the run began. */
    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
    }

    synchronized void add(Operation operation) {
        operations.add(operation);
    }

    /** For people: what was broken and mended, and how clients fell out. */
    synchronized void note(String event) {
        events.add(nowMs() + " ms: " + event);
    }

    synchronized List<Operation> operations() {
        return List.copyOf(operations);
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    /** @return what was acknowledged from that time on */
    synchronized long acknowledgedSince(long sinceMs) {
        long count = 0;
        for (int i = operations.size() - 1; i >= 0; i--) {
            if (operations.get(i) instanceof Send send) {
                if (send.endedMs() < sinceMs) {
                    break;
                }
                count += send.outcome() == Outcome.OK ? 1 : 0;
            }
        }
        return count;
    }

    /** One line for each operation and each event. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("history.txt"),
                operations().stream().map(Operation::toString).toList());
        Files.write(folder.resolve("events.txt"), events());
    }

    /** Counts by kind and outcome, and the longest time without an acknowledgement. */
    String summary() {
        long[] sends = new long[Outcome.values().length];
        long polled = 0;
        long others = 0;
        long lastAck = -1;
        long gapMs = 0;
        long gapEndMs = 0;
        for (Operation operation : operations()) {
            if (operation instanceof Send send) {
                sends[send.outcome().ordinal()]++;
                if (send.outcome() == Outcome.OK) {
                    if (lastAck >= 0 && send.endedMs() - lastAck > gapMs) {
                        gapMs = send.endedMs() - lastAck;
                        gapEndMs = send.endedMs();
                    }
                    lastAck = send.endedMs();
                }
            } else if (operation instanceof Poll poll) {
                polled += poll.seen().size();
            } else {
                others++;
            }
        }
        return "sent: " + sends[Outcome.OK.ordinal()] + " acknowledged, " + sends[Outcome.FAILED.ordinal()]
                + " failed, "
                + sends[Outcome.UNKNOWN.ordinal()] + " unknown; polled: " + polled
                + " records; commits and reads of them: "
                + others + "; longest time without an acknowledgement: " + gapMs + " ms (until " + gapEndMs + " ms)";
    }
}
