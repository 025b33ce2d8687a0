// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Format;
import io.tailrace.gateway.session.From;
import io.tailrace.gateway.session.Pace;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ResumeToken;
import io.tailrace.gateway.session.Start;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClientFramesTest {

    @Test
    void readsASubscription() {
        assertThat(ClientFrames.parse("{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"partitions\":[0,2],"
                        + "\"from\":{\"offset\":5},\"credit\":{\"records\":10,\"bytes\":100}}"))
                .isEqualTo(new ClientFrame.Subscribe(
                        1,
                        "t",
                        List.of(0, 2),
                        Optional.empty(),
                        new From.Everywhere(new Start.At(Position.at(5))),
                        Filter.ALL,
                        Pace.ALL,
                        Format.RECORDS,
                        10,
                        100));
    }

    @Test
    void aSubscriptionBeginsAtTheLatestWithNoCreditUnlessItSaysMore() {
        assertThat(ClientFrames.parse("{\"type\":\"sub\",\"id\":1,\"topic\":\"t\"}"))
                .isEqualTo(new ClientFrame.Subscribe(
                        1,
                        "t",
                        List.of(),
                        Optional.empty(),
                        new From.Everywhere(new Start.Latest()),
                        Filter.ALL,
                        Pace.ALL,
                        Format.RECORDS,
                        0,
                        0));
    }

    @Test
    void readsWhetherBatchesAreWanted() {
        assertThat(format(",\"format\":\"batches\"")).isEqualTo(Format.BATCHES);
        assertThat(format(",\"format\":\"records\"")).isEqualTo(Format.RECORDS);
    }

    private static Format format(String field) {
        ClientFrame frame = ClientFrames.parse("{\"type\":\"sub\",\"id\":1,\"topic\":\"t\"" + field + "}");
        return ((ClientFrame.Subscribe) frame).format();
    }

    @Test
    void readsACommitByOffsetsOrTokens() {
        String token = new ResumeToken(Uuid.ONE_UUID, List.of(new ResumeToken.Mark(2, new Position(7, 4), 9))).text();
        assertThat(ClientFrames.parse("{\"type\":\"commit\",\"id\":1,\"seq\":5,\"offsets\":{\"0\":3},\"tokens\":[\""
                        + token + "\"]}"))
                .isEqualTo(new ClientFrame.Commit(1, 5, Map.of(0, Position.at(3), 2, new Position(7, 4))));
    }

    @Test
    void readsTheFourFormsOfBytes() {
        ClientFrame.Publish publish = (ClientFrame.Publish) ClientFrames.parse(
                "{\"type\":\"pub\",\"seq\":1,\"topic\":\"t\",\"key\":{\"base64\":\"AP8=\"},\"value\":{\"json\":{\"a\":[1]}},"
                        + "\"headers\":[[\"h\",\"\u00e9\"],[\"n\",null]]}");

        assertThat(publish.record().key()).containsExactly(0, 0xFF);
        assertThat(publish.record().value()).isEqualTo("{\"a\":[1]}".getBytes(StandardCharsets.UTF_8));
        assertThat(publish.record().headers().get(0).value()).isEqualTo("\u00e9".getBytes(StandardCharsets.UTF_8));
        assertThat(publish.record().headers().get(1).value()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                                          | BAD_FRAME",
                "{                                                           | BAD_FRAME",
                "{}                                                          | BAD_FRAME",
                "{\"type\":\"dance\"}                                        | UNSUPPORTED",
                "{\"type\":\"sub\",\"topic\":\"t\"}                          | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":-1,\"topic\":\"t\"}                | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1.5,\"topic\":\"t\"}               | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"from\":\"now\"} | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"from\":{\"token\":\"x\"}} | INVALID_TOKEN",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"group\":\"\"}    | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"group\":\"g\",\"partitions\":[1]} | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"compress\":1} | UNSUPPORTED",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"mode\":\"some\"} | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"mode\":\"sample\"} | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"everyMs\":5} | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"format\":\"boxes\"} | BAD_FRAME",
                "{\"type\":\"commit\",\"id\":1,\"seq\":1}              | BAD_FRAME",
                "{\"type\":\"sub\",\"id\":1,\"topic\":\"t\",\"partitions\":[\"0\"]} | BAD_FRAME",
                "{\"type\":\"pub\",\"seq\":1,\"topic\":\"t\",\"value\":5}    | BAD_FRAME",
                "{\"type\":\"pub\",\"seq\":1,\"topic\":\"t\",\"headers\":[[\"h\"]]} | BAD_FRAME",
                "{\"type\":\"credit\",\"id\":1,\"records\":99999999999999999999} | BAD_FRAME"
            })
    void saysWhatIsWrong(String text, ErrorCode code) {
        BadFrameException refused =
                catchThrowableOfType(BadFrameException.class, () -> ClientFrames.parse(text.strip()));

        assertThat(refused).isNotNull();
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.text()).isNotBlank();
    }
}
