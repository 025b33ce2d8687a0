// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/** The sessions of a node. One that nobody is connected to is kept for two minutes. Safe from any thread. */
public final class PublishSessions {

    /** Longer than the longest wait of a client that comes back. */
    static final long KEPT_MS = 120_000;

    private static final long SWEEP_MS = 10_000;

    /** With 512 answers of some 100 bytes each, 1 GB in the worst case; usual ones hold none. */
    private static final int MOST = 20_000;

    /** What clients say of partitions is believed, and kept: 100 MB in the worst case. */
    private static final int MOST_BROUGHT_LANES = 500_000;

    private final Limits limits;
    private final Map<String, Kept> sessions = new HashMap<>();
    private long sweptMs;
    private int broughtLanes;

    private static final class Kept {
        private final PublishSession session;
        private final int broughtLanes;
        private long usedMs;

        Kept(PublishSession session, int broughtLanes, long nowMs) {
            this.session = session;
            this.broughtLanes = broughtLanes;
            this.usedMs = nowMs;
        }
    }

    /** A session, and whether what was published in it before is known, here or by the log. */
    public record Entered(PublishSession session, boolean resumed) {}

    public PublishSessions(Limits limits) {
        this.limits = limits;
    }

    /**
     * A client connects.
     *
     * @param owner who it is: a session is resumed by nobody else
     * @param named its id is drawn by the client, and a secret
     * @return empty if the node has more sessions than it can keep
     */
    public synchronized Optional<Entered> enter(String owner, ClientFrame.Session named, long nowMs) {
        if (nowMs - sweptMs > SWEEP_MS || nowMs < sweptMs) {
            sweep(nowMs);
        }
        String key = owner + '\n' + named.id();
        Kept known = sessions.get(key);
        if (known != null) {
            known.usedMs = nowMs;
            return Optional.of(new Entered(known.session, true));
        }
        boolean begunElsewhere = named.producerId() >= 0 && named.receipts().size() <= PublishSession.MOST_LANES;
        int laneCount = begunElsewhere ? named.receipts().size() : 0;
        if (sessions.size() >= MOST || broughtLanes + laneCount > MOST_BROUGHT_LANES) {
            return Optional.empty();
        }
        PublishSession made = begunElsewhere
                ? new PublishSession(limits, named.producerId(), named.receipts())
                : new PublishSession(limits);
        broughtLanes += laneCount;
        sessions.put(key, new Kept(made, laneCount, nowMs));
        return Optional.of(new Entered(made, begunElsewhere));
    }

    private void sweep(long nowMs) {
        sweptMs = nowMs;
        for (Iterator<Kept> each = sessions.values().iterator(); each.hasNext(); ) {
            Kept kept = each.next();
            if (!kept.session.isLeft()) {
                kept.usedMs = nowMs;
            } else if (nowMs - kept.usedMs > KEPT_MS) {
                broughtLanes -= kept.broughtLanes;
                kept.session.end();
                each.remove();
            }
        }
    }
}
