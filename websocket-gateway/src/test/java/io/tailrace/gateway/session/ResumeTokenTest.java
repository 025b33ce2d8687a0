// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

final class ResumeTokenTest {

    private static final Uuid TOPIC = new Uuid(0x0102030405060708L, 0x1112131415161718L);
    private static final ResumeToken TOKEN =
            new ResumeToken(TOPIC, List.of(new ResumeToken.Mark(2, new Position(258, 7), 1000)));

    @Test
    void isTheDocumentedBytes() {
        assertThat(TOKEN.text()).isEqualTo("AQECAwQFBgcIERITFBUWFxgAAAACAAAABwAAAAAAAAECAAAAAAAAA-g");
    }

    @Test
    void comesBackAsItWas() {
        assertThat(ResumeToken.parse(TOKEN.text())).contains(TOKEN);
        assertThat(ResumeToken.parse(new ResumeToken(TOPIC, List.of()).text())).isPresent();
    }

    @Test
    void refusesWhatIsNoToken() {
        String text = TOKEN.text();
        assertThat(ResumeToken.parse("")).isEmpty();
        assertThat(ResumeToken.parse("not base64!")).isEmpty();
        assertThat(ResumeToken.parse(text.substring(0, text.length() - 4))).isEmpty();
        assertThat(ResumeToken.parse("Ag" + text.substring(2))).isEmpty();
    }

    @Test
    void startsAtTheMarkInTheSameTopicAndByTimeInAnother() {
        From from = new From.Tokens(List.of(TOKEN));

        assertThat(from.starts(TOPIC, List.of(1, 2)))
                .containsEntry(1, new Start.Earliest())
                .containsEntry(2, new Start.At(new Position(258, 7)));
        assertThat(from.starts(Uuid.ONE_UUID, List.of(2)))
                .containsEntry(2, new Start.AfterReplacement(new Position(258, 7), 1000));
    }
}
