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

    /** With 512 answers of some 50 bytes each, 500 MB in the worst case; usual ones hold none. */
    private static final int MOST = 20_000;

    private final int mostAnswers;
    private final Map<String, Kept> sessions = new HashMap<>();
    private long sweptMs;

    private static final class Kept {
        private final PublishSession session;
        private long usedMs;

        Kept(PublishSession session, long nowMs) {
            this.session = session;
            this.usedMs = nowMs;
        }
    }

    /** A session, and whether it was there before. */
    public record Entered(PublishSession session, boolean resumed) {}

    public PublishSessions(int mostAnswers) {
        this.mostAnswers = mostAnswers;
    }

    /**
     * A client connects.
     *
     * @param owner who it is: a session is resumed by nobody else
     * @param id drawn by the client, and a secret
     * @return empty if the node has more sessions than it can keep
     */
    public synchronized Optional<Entered> enter(String owner, String id, long nowMs) {
        if (nowMs - sweptMs > SWEEP_MS || nowMs < sweptMs) {
            sweep(nowMs);
        }
        String key = owner + '\n' + id;
        Kept known = sessions.get(key);
        if (known != null) {
            known.usedMs = nowMs;
            return Optional.of(new Entered(known.session, true));
        }
        if (sessions.size() >= MOST) {
            return Optional.empty();
        }
        PublishSession made = new PublishSession(mostAnswers);
        sessions.put(key, new Kept(made, nowMs));
        return Optional.of(new Entered(made, false));
    }

    private void sweep(long nowMs) {
        sweptMs = nowMs;
        for (Iterator<Kept> each = sessions.values().iterator(); each.hasNext(); ) {
            Kept kept = each.next();
            if (!kept.session.isIdle()) {
                kept.usedMs = nowMs;
            } else if (nowMs - kept.usedMs > KEPT_MS) {
                each.remove();
            }
        }
    }
}
