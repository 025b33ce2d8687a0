// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api.fetch;

import io.tailrace.cluster.bus.Read;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What one request fetches, and how its session, if it has one, wants the answer. */
public final class FetchPlan {

    private final Errors error;
    private final @Nullable FetchSession session;
    private final boolean incremental;
    private final List<FetchPosition> positions;

    private FetchPlan(
            Errors error, @Nullable FetchSession session, boolean incremental, List<FetchPosition> positions) {
        this.error = error;
        this.session = session;
        this.incremental = incremental;
        this.positions = positions;
    }

    static FetchPlan refused(Errors error) {
        return new FetchPlan(error, null, false, List.of());
    }

    static FetchPlan full(@Nullable FetchSession session, List<FetchPosition> positions) {
        return new FetchPlan(Errors.NONE, session, false, positions);
    }

    static FetchPlan incremental(FetchSession session) {
        return new FetchPlan(Errors.NONE, session, true, session.positions());
    }

    /** The error of the session, for the whole response. */
    public Errors error() {
        return error;
    }

    public int sessionId() {
        return session == null ? FetchSessions.NO_SESSION : session.id();
    }

    /** In the order in which they are to be served. */
    public List<FetchPosition> positions() {
        return positions;
    }

    /** Which of the results belong into the response, one flag per position; notes them as told. */
    public boolean[] told(Read.Result[] results) {
        boolean[] told = new boolean[results.length];
        List<FetchPosition> gaveData = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            boolean news = session != null && positions.get(i).isNews(results[i]);
            told[i] = !incremental || news;
            if (!results[i].records().isEmpty()) {
                gaveData.add(positions.get(i));
            }
        }
        if (session != null && !gaveData.isEmpty()) {
            session.served(gaveData);
        }
        return told;
    }
}
