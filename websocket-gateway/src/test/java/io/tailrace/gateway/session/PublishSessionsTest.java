// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.gateway.session.PublishSession.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class PublishSessionsTest {

    private static final String ID = "0123456789abcdef";

    private final PublishSessions sessions = new PublishSessions(2);

    @Test
    void remembersAnAnswerForWhoComesBack() {
        PublishSession session = enter("me", 0).session();
        assertThat(session.enter(1)).isEqualTo(new Seen.Never());
        session.answer(1, new ServerFrame.Published(1, 0, 7));

        assertThat(enter("me", 60_000).resumed()).isTrue();
        assertThat(session.enter(1)).isEqualTo(new Seen.Answered(new ServerFrame.Published(1, 0, 7)));
    }

    @Test
    void writesOnceWhatIsSentAgainWhileItIsUnderWay() {
        PublishSession session = enter("me", 0).session();
        List<ServerFrame> first = new ArrayList<>();
        List<ServerFrame> second = new ArrayList<>();
        Consumer<ServerFrame> gone = first::add;
        session.listen(gone);
        session.enter(1);
        session.listen(second::add);
        session.leave(gone);
        assertThat(session.enter(1)).isEqualTo(new Seen.UnderWay());

        session.answer(1, new ServerFrame.Published(1, 0, 7));
        assertThat(first).isEmpty();
        assertThat(second).hasSize(1);
    }

    @Test
    void keepsNoMoreAnswersThanAClientCanWaitFor() {
        PublishSession session = enter("me", 0).session();
        for (long seq = 1; seq <= 3; seq++) {
            session.enter(seq);
            session.answer(seq, new ServerFrame.Published(seq, 0, seq));
        }
        assertThat(session.enter(1)).isEqualTo(new Seen.Never());
        assertThat(session.enter(3)).isInstanceOf(Seen.Answered.class);
    }

    @Test
    void letsARecordThatWasNotTriedBeSentAgain() {
        PublishSession session = enter("me", 0).session();
        session.enter(1);
        session.forget(1);
        assertThat(session.enter(1)).isEqualTo(new Seen.Never());
    }

    @Test
    void belongsToWhoMadeIt() {
        enter("me", 0);
        assertThat(enter("another", 0).resumed()).isFalse();
    }

    @Test
    void forgetsWhoStaysAwayButNobodyWhoIsConnected() {
        PublishSession connected = enter("connected", 0).session();
        connected.listen(frame -> {});
        enter("away", 0);
        enter("me", PublishSessions.KEPT_MS + 1);
        assertThat(enter("connected", PublishSessions.KEPT_MS + 2).resumed()).isTrue();
        assertThat(enter("away", PublishSessions.KEPT_MS + 2).resumed()).isFalse();
    }

    private PublishSessions.Entered enter(String owner, long nowMs) {
        return sessions.enter(owner, ID, nowMs).orElseThrow();
    }
}
