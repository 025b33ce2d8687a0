// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.replication.sim;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** Delivers late, twice, out of order, or not at all. Links are one-way. */
final class SimNetwork {

    private record Link(int from, int to) {}

    private final SimClock clock;
    private final Random random;
    private final double loss;
    private final double duplication;
    private final Set<Link> cut = new HashSet<>();
    private boolean healed;

    SimNetwork(SimClock clock, Random random, double loss, double duplication) {
        this.clock = clock;
        this.random = random;
        this.loss = loss;
        this.duplication = duplication;
    }

    /** At most once, late or never. */
    void sendOnce(int from, int to, Runnable delivery) {
        if (isLost(from, to)) {
            return;
        }
        clock.after(delayMs(), () -> {
            if (!cut.contains(new Link(from, to))) {
                delivery.run();
            }
        });
    }

    /** As {@link #sendOnce}, and perhaps a second time. */
    void send(int from, int to, Runnable delivery) {
        sendOnce(from, to, delivery);
        if (!healed && random.nextDouble() < duplication) {
            sendOnce(from, to, delivery);
        }
    }

    private boolean isLost(int from, int to) {
        return cut.contains(new Link(from, to)) || (!healed && random.nextDouble() < loss);
    }

    private long delayMs() {
        boolean slow = !healed && random.nextInt(30) == 0;
        return 1 + random.nextInt(slow ? 1_500 : 8);
    }

    void cut(int from, int to) {
        cut.add(new Link(from, to));
    }

    void heal() {
        cut.clear();
    }

    /** From now on it is a good network. */
    void healForGood() {
        heal();
        healed = true;
    }
}
