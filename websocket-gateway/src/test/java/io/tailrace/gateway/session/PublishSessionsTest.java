// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

final class PublishSessionsTest {

    private static final String ID = "0123456789abcdef";
    private static final PublishReceipt RECEIPT = new PublishReceipt(new Uuid(5, 6), 2, 7);

    private final PublishSessions sessions = new PublishSessions(Limits.defaults());

    @Test
    void knowsWhoComesBack() {
        PublishSessions.Entered first = enter("me", 0);
        assertThat(first.resumed()).isFalse();
        assertThat(enter("me", 60_000)).isEqualTo(new PublishSessions.Entered(first.session(), true));
    }

    @Test
    void belongsToWhoMadeIt() {
        enter("me", 0);
        assertThat(enter("another", 0).resumed()).isFalse();
    }

    @Test
    void forgetsWhoStaysAwayButNobodyWhoIsConnected() {
        enter("connected", 0).session().connect(new Nobody(), -1);
        enter("away", 0);
        enter("me", PublishSessions.KEPT_MS + 1);
        assertThat(enter("connected", PublishSessions.KEPT_MS + 2).resumed()).isTrue();
        assertThat(enter("away", PublishSessions.KEPT_MS + 2).resumed()).isFalse();
    }

    @Test
    void takesTheWordOfWhoWasElsewhereBefore() {
        assertThat(sessions.enter("me", new ClientFrame.Session(ID, 4711, List.of(RECEIPT)), 0)
                        .orElseThrow()
                        .resumed())
                .isTrue();
    }

    @Test
    void takesNoMoreOfSuchWordsThanItHasRoomFor() {
        List<PublishReceipt> many = java.util.Collections.nCopies(PublishSession.MOST_LANES, RECEIPT);
        for (int i = 0; i < 50; i++) {
            assertThat(sessions.enter("me" + i, new ClientFrame.Session(ID, 4711, many), 0))
                    .isPresent();
        }
        assertThat(sessions.enter("me", new ClientFrame.Session(ID, 4711, many), 0))
                .isEmpty();
        enter("sweep", PublishSessions.KEPT_MS + 1);
        assertThat(sessions.enter("me", new ClientFrame.Session(ID, 4711, many), PublishSessions.KEPT_MS + 2))
                .isPresent();
    }

    @Test
    void aReceiptIsReadAsItWasWritten() {
        assertThat(PublishReceipt.parse(RECEIPT.text())).contains(RECEIPT);
        assertThat(PublishReceipt.parse("AAAA")).isEmpty();
        assertThat(PublishReceipt.parse("?")).isEmpty();
        assertThat(PublishReceipt.parse(new PublishReceipt(Uuid.ZERO_UUID, 0, -1).text()))
                .isEmpty();
    }

    private PublishSessions.Entered enter(String owner, long nowMs) {
        return sessions.enter(owner, new ClientFrame.Session(ID, -1, List.of()), nowMs)
                .orElseThrow();
    }

    private record Nobody() implements PublishSession.Client {
        @Override
        public void tell(ServerFrame frame) {}

        @Override
        public void probe(long number) {}
    }
}
