// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.bus.PartitionKey;
import io.tailrace.gateway.session.ClientFrame;
import io.tailrace.gateway.session.Credit;
import io.tailrace.gateway.session.ErrorCode;
import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Position;
import io.tailrace.gateway.session.ServerFrame;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of tailrace.v1.bin are those of docs/gateway-protocol.md. */
final class BinaryFramesTest {

    private static final HexFormat HEX = HexFormat.of();

    @Test
    void writesRecordsAsTheDocumentShows() {
        String frame = data(300, new SimpleRecord(1, new byte[] {'a'}, null));
        // 301 and one byte, then the token, which is as long as its length says.
        assertThat(frame).startsWith("01" + "01" + "00" + "07ac020202610000" + "00" + "ad02" + "01");
    }

    @Test
    void writesAnyBytesTimesAndHeaders() {
        Header[] headers = {new RecordHeader("h", new byte[] {-1, 0}), new RecordHeader("\u00e9", null)};
        String frame = data(0, new SimpleRecord(-1, new byte[0], new byte[] {(byte) 0xC0}, headers));
        assertThat(frame)
                .startsWith("010100" + "0f" + "00" + "01" + "01" + "02c0" + "02" + "016803ff00" + "02c3a900" + "00");
    }

    @Test
    void readsARecordToWrite() {
        ClientFrame frame = parse("03" + "8001" + "0174" + "03" + "03ff00" + "00" + "01" + "0168" + "01");
        assertThat(frame).isInstanceOfSatisfying(ClientFrame.Publish.class, pub -> {
            assertThat(pub.seq()).isEqualTo(128);
            assertThat(pub.topic()).isEqualTo("t");
            assertThat(pub.record().partition()).isEqualTo(2);
            assertThat(pub.record().key()).containsExactly(0xFF, 0);
            assertThat(pub.record().value()).isNull();
            assertThat(pub.record().headers()).singleElement().satisfies(header -> {
                assertThat(header.name()).isEqualTo("h");
                assertThat(header.value()).isEmpty();
            });
        });
        assertThat(parse("0300017400000000")).isInstanceOfSatisfying(ClientFrame.Publish.class, pub -> assertThat(
                        pub.record().partition())
                .isEqualTo(-1));
    }

    @Test
    void readsCreditAndWritesAnswers() {
        assertThat(parse("02" + "01" + "64" + "808004")).isEqualTo(new ClientFrame.AddCredit(1, 100, 65_536));
        assertThat(HEX.formatHex(BinaryFrames.bytes(new ServerFrame.Published(300, 1, 5, "AB"))))
                .isEqualTo("04" + "ac02" + "01" + "05" + "024142");
        assertThat(BinaryFrames.bytes(new ServerFrame.Published(300, 1, -1, "AB")))
                .isNull();
        assertThat(BinaryFrames.bytes(new ServerFrame.Pong())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "02", // cut short
                "020164", // likewise
                "02016480", // within a number
                "0201648080808080808080808001", // too many bytes
                "020164ffffffffffffff7f", // above 2^53
                "02016464ff", // something behind
                "0301ff", // a text that is not there
                "030101ff", // a text that is not UTF-8
                "0300017400ffffff7f0000", // a key that is not there
                "030001740000008080808001" // more headers than bytes
            })
    void refusesWhatIsNoFrame(String hex) {
        assertThatThrownBy(() -> parse(hex))
                .isInstanceOfSatisfying(
                        BadFrameException.class, bad -> assertThat(bad.code()).isEqualTo(ErrorCode.BAD_FRAME));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "01", "04", "ff"})
    void refusesFramesThatNoClientSends(String hex) {
        assertThatThrownBy(() -> parse(hex))
                .isInstanceOfSatisfying(
                        BadFrameException.class, bad -> assertThat(bad.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }

    private static ClientFrame parse(String hex) {
        return BinaryFrames.parse(ByteBuffer.wrap(HEX.parseHex(hex)));
    }

    private static String data(long offset, SimpleRecord record) {
        byte[] body = new OneReader(
                        new PartitionKey(Uuid.ONE_UUID, "t", 0),
                        new View(Encoding.BINARY_FRAME, Filter.ALL),
                        Position.at(offset),
                        new Credit.Grant(10, 1_000),
                        List.of())
                .decode(
                        MemoryRecords.withRecords(offset, Compression.NONE, record)
                                .buffer(),
                        1)
                .get(0)
                .body()
                .getBytes();
        return HEX.formatHex(BinaryFrames.dataHead(1)) + HEX.formatHex(body);
    }
}
